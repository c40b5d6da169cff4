"""A month of a region, played as fast as it goes: what do three ways of placing people come to?

All that is made up (who falls ill, who leaves when, how desks answer) follows from the seed, so every way
meets the same people and the same houses.
"""
