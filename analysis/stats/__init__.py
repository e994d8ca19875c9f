"""Arrays in, estimates out, each with its n, its interval and what it rests on. Knows numbers and nothing else of ours.

The rooms: noise (what a seed does), means (a configuration's mean and how far it may be off), contrasts (sums of means: one
engine for every verdict), quantiles and pairs (critical values for what is read together), tiers (who may be best), ranges (a
factor's levels), grids (two factors), several (many tests at once), power (what runs can show).
"""
