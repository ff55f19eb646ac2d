"""Documents that come in two halves: joined, waited for, and given up when one half does not come."""
