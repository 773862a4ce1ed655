"""Every table at once: foreign keys are resolved only when all of them are known."""

from crm_cli.model.activity import Interaction, InteractionContact, Task
from crm_cli.model.customer import Contact, Customer, Reach, Snooze
from crm_cli.model.deal import Deal, DealContact, StageChange
from crm_cli.model.insight import Icp, LifecycleChange, PredictionFit, Score, ScoreRun, Tier
from crm_cli.model.privacy import Consent, Tombstone, TombstoneKey
from crm_cli.model.sales import (
    DealLine,
    OrderLine,
    Product,
    ProductLink,
    ProductPrice,
    Rate,
    SalesOrder,
    Setting,
)
from crm_cli.model.team import Member, Pipeline, Stage
from crm_cli.model.words import (
    ImportMapping,
    Merged,
    NotDuplicate,
    ReminderClaim,
    Segment,
    SegmentCount,
    SegmentMembership,
    Tag,
    Tagging,
    View,
)

TABLES = [
    Member,
    Pipeline,
    Stage,
    Customer,
    Contact,
    Reach,
    Deal,
    DealContact,
    StageChange,
    Interaction,
    InteractionContact,
    Task,
    Tag,
    Tagging,
    Segment,
    ImportMapping,
    ReminderClaim,
    Snooze,
    Consent,
    Tombstone,
    TombstoneKey,
    SegmentMembership,
    SegmentCount,
    View,
    NotDuplicate,
    Merged,
    Product,
    ProductPrice,
    ProductLink,
    SalesOrder,
    OrderLine,
    DealLine,
    Rate,
    Setting,
    Tier,
    Icp,
    Score,
    LifecycleChange,
    ScoreRun,
    PredictionFit,
]
