"""Addresses: China's divisions, their codes and names, and splitting a pasted address. The room's front door."""

from tihuo.addresses.service.areas import areas, check_areas
from tihuo.addresses.service.lookup import covers, known, name_of, resolve
from tihuo.addresses.service.splitting import split

__all__ = ["areas", "check_areas", "covers", "known", "name_of", "resolve", "split"]
