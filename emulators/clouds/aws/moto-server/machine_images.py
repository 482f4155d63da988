"""The machine images that the emulated EC2 offers in every region: those of ../images.json."""

import json
from pathlib import Path

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.utils import utcnow
from moto.ec2.models.amis import Ami, AmiBackend

IMAGES = json.loads((Path(__file__).parent.parent / "images.json").read_text(encoding="utf-8"))
ROOT_GIGABYTES = 8


def devices(image):
    root = {
        "SnapshotId": image.ebs_snapshot.id,
        "VolumeSize": ROOT_GIGABYTES,
        "VolumeType": "gp3",
        "DeleteOnTermination": True,
        "Encrypted": False,
    }
    return [{"DeviceName": image.root_device_name, "Ebs": root}]


def load(self):
    for image in IMAGES:
        self.amis[image["id"]] = Ami(
            self,
            image["id"],
            name=image["name"],
            description=image["description"],
            owner_id=image["owner"] or DEFAULT_ACCOUNT_ID,
            owner_alias=image["ownerAlias"],
            public=image["owner"] is not None,
            architecture=image["architecture"],
            creation_date=utcnow(),
            image_location=f"{image['owner'] or DEFAULT_ACCOUNT_ID}/{image['name']}",
            virtualization_type="hvm",
            hypervisor="xen",
            root_device_type="ebs",
            root_device_name="/dev/xvda",
            region_name=f"{self.region_name}a",
        )


def offer():
    AmiBackend._load_amis = load
    Ami.block_device_mappings = property(devices)
