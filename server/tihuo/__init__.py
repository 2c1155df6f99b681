"""Tihuo (提货): redemption of gift cards for many merchants."""
