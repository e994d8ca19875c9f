"""Run logs in, findings, figures and a journal out. Needs no torch. The rooms, a floor a line apart; each imports from floors below
it only, which tests/test_imports.py has as one table:

cli/          one module a command; the only place that prints and exits

diff/         two records, what changed

report/       a study's folder of output: where, from what, written whole, its history, served, printed

journal/      findings and the author's notes as sections
export/       findings for other programs and for the terminal; findings.json read and written side by side

findings/     all of it together: ranking, the recommended one, diagnoses

checks/       what an honest reader would object to, one code each
predictions/  what was claimed, what decides it, the verdict, its sentence; and what a plan can hope to decide
page/         tables, pictures, Markdown and templates as such; knows no finding

groups/       which runs are replicates, which configurations are compared, what each level did
words.py      a number as words, one way each

logs/         whatever was logged, by any tool, as one frame of runs and one of epochs
stats/        arrays in, estimates out; knows nothing of ours

forks.py      work that other processes do beside this one
"""
