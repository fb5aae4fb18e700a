from organizations.models.api_key import ApiKey
from organizations.models.kept_answer import KeptAnswer
from organizations.models.leased_work import LeasedWork
from organizations.models.membership import OrganizationMembership
from organizations.models.notice import Notice
from organizations.models.organization import Organization
from organizations.models.tenant import TenantManager, TenantModel, TenantQuerySet, tenant_key
from organizations.models.user import User
from organizations.models.view_refresh import MaterializedViewRefresh

__all__ = [
    "ApiKey",
    "KeptAnswer",
    "LeasedWork",
    "MaterializedViewRefresh",
    "Notice",
    "Organization",
    "OrganizationMembership",
    "TenantManager",
    "TenantModel",
    "TenantQuerySet",
    "User",
    "tenant_key",
]
