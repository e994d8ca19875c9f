"""Arrays in, estimates out, each with its n, its interval and what it rests on. Knows numbers and nothing else of ours.

The rooms, each on those before it: seeds (what a seed does to all configurations alike), moderated (how unlike variances are),
neighbours (what like scores tell of a configuration's noise), noise (that of all), means (a configuration's mean and how far it may
be off), contrasts (sums of means: one engine for every verdict), levels (means over the configurations of a factor's level),
quantiles (critical values for what is read together), tiers (who may be best), ranges (how far a factor's levels lie apart), grids
(two factors), matched (the same configurations in two sweeps), several (many tests at once), power (what runs can show), ranks (two
orders), course (a curve as it is read).
"""
