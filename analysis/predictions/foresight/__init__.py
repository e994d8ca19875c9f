"""What a plan can show, before a run is paid for: planned (the runs that will be), claim and prospects (what each prediction can
hope for), foresight (all of it),
outlook (what becomes of each expectation), brief (the first screen of it in words) and details (the rest)."""
