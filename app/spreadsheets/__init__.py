"""A file that somebody uploads, as one table: CSV or XLSX, found by what is in it.

Nothing in a file is trusted: time and memory are bounded whatever it holds, and everything wrong with it
is a BadSpreadsheet that says in Dutch where to look. What a person doesn't see isn't read: hidden rows and
columns with data are refused, hidden sheets (the lists behind a template) are left alone.
"""
