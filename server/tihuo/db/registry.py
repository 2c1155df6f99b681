"""Every room's tables in one metadata, for migrations and the drift check."""

from tihuo.appointments import models as appointments
from tihuo.audit import models as audit
from tihuo.cards import models as cards
from tihuo.catalog import models as catalog
from tihuo.db import idempotency, outbox
from tihuo.db.base import Base
from tihuo.distributors import models as distributors
from tihuo.jobs import models as jobs
from tihuo.merchants import models as merchants
from tihuo.orders import models as orders
from tihuo.redemption import models as redemption
from tihuo.staff import models as staff

rooms = (
    appointments,
    audit,
    cards,
    catalog,
    distributors,
    idempotency,
    jobs,
    merchants,
    orders,
    outbox,
    redemption,
    staff,
)
metadata = Base.metadata
