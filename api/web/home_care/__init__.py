"""Looking for home nursing: the question, the answer, and the reasons in words."""
