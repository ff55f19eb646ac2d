"""Certification: what every connector must do, as checks that run with and without pytest.

A connector offers `Samples`; `certify.certify` runs the checks of `checks/` on them, `tiers` computes what
was earned. `pytest_kit.CertifiedConnector` is the same as a test class.
"""
