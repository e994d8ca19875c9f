"""Run logs in, findings, figures and a journal out. Needs no torch. The rooms, in the order in which values pass through them:

logs to frames       logfiles, logtable, sweep
frames to findings   stats, findings, predictions, effects, learning
findings to words    wording, observations, insights, sentences
notes to text        values (what notes may name), expressions, notes
to a journal         tables, picture, scale, section, recipes, journal
to files             figures/, gallery, render, export, report, files
other forms          names, shown, shown_json, shown_text, sparkline (show); tidy, latex (export); browser (PDF); serve (watch)
the command line     cli, commands/ (one module a command), places, lastbuild, changes, estimate, terminal
"""
