"""Where uploaded files are kept: a folder, or a bucket that speaks S3."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

# People's data: for the user that Kith runs as, and nobody else on the machine.
PRIVATE = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}


def of_files(env: Any, data_dir: Path) -> dict[str, Any]:
    """The entry of STORAGES for uploaded files. Keys and region of a bucket come from AWS's own variables."""
    bucket = env.str("KITH_S3_BUCKET", default="")
    if not bucket:
        location = env.str("KITH_FILES_DIR", default=str(data_dir / "files"))
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": location, **PRIVATE},
        }
    if find_spec("storages") is None:
        raise ImproperlyConfigured(
            "KITH_S3_BUCKET is set, and the packages for S3 are missing: pip install 'django-storages[s3]'."
        )
    options = {
        "bucket_name": bucket,
        "location": env.str("KITH_S3_PREFIX", default=""),
        "endpoint_url": env.str("KITH_S3_ENDPOINT", default="") or None,
        "file_overwrite": False,
        "default_acl": None,
        # What is read is larger than this on the disk, and not in memory.
        "max_memory_size": 1024 * 1024,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
