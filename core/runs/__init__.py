"""Training runs: each a folder and a process, which may end and come back independently of whoever looks on.

plan.py        what is to be trained, and what it may use
store.py       the folder of runs: begin, find, wish, discard
state.py       how a run stands, also when its process is gone
process.py     locks that a dead process cannot hold; starting and ending processes
work.py        what the process does
limits.py      memory and time
events.py      what it tells, line by line
history.py     the course of a run, from its events
verdict.py     how it goes, in words
result.py      the model it made; published, and taken back
comparison.py  runs beside each other; a model beside another on the same digits
presets.py     where to begin
estimate.py    how long it will take here
"""
