"""What every test may ask for on the command line.

The golden files are written anew, to be read before they are committed, by
`python -m pytest tests/analysis/report/test_report.py --renew-golden`.
"""


def pytest_addoption(parser):
    parser.addoption("--renew-golden", action="store_true", help="write tests/golden/ anew from what the code makes now")
