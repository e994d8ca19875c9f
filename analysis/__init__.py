"""Run logs in, findings, figures and a journal out. Needs no torch. The rooms, in the order in which values pass through them:

logs to frames       logfiles, series, logtable, sweep
statistics           stats/ (numbers alone: noise, means, contrasts, tiers, ranges, grids, several, power;
                     matched, moderated, ranks for two sweeps)
frames to findings   summary, effects, ends, predictions, verdicts, limits, course, chance, diagnoses, checks/, findings; learning
findings to words    otherwise, wording, graded, observations, insights, sentences
notes to text        values (what notes may name), expressions, notes
to a journal         table, tables, picture, pictures, scale, section, recipes, journal
to files             figures/, gallery, render, export, report, files; manifest, swap (what a build may touch, and all or nothing)
a plan's prospects   foresight/
two sweeps           diff/ (sources, side, matching, comparisons, turned, diff; words, text, document, page)
                     changes, history, aside (what moved from build to build)
other forms          names, shown, shown_json, shown_text, sparkline (show); tidy, latex (export); browser (PDF); serve (watch)
the command line     cli, commands/ (one module a command), places, lastbuild, estimate, terminal
"""
