"""Certification: what every connector must do, as checks that run with and without pytest.

`samples` is what a connector offers to be judged by.
"""
