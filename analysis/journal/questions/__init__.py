"""The questions of the first screen, a file each: findings in, an `Answer` out. `journal/answers.py` has them in order."""
