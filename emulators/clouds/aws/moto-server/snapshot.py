"""The existing resources, in the emulated cloud's format."""

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends


def tags_of(resource):
    return resource.ec2_backend.tags.get(resource.id, {})


def quick_tags(self):
    """Faster than moto's, which matches all tags of all resources against patterns each time."""
    kind = {"resource_id": self.id, "resource_type": ""}
    return [{**kind, "key": key, "value": value} for key, value in tags_of(self).items()]


TaggedEC2Resource.get_tags = quick_tags


def rule(permission):
    return {
        "protocol": permission.ip_protocol,
        "from": permission.from_port,
        "to": permission.to_port,
        "cidr": permission.cidr_ipv4,
        "group": permission.source_group.get("GroupId"),
    }


def group(each):
    return {
        "id": each.id,
        "inbound": [rule(permission) for permission in each.ingress_rules],
        "outbound": [rule(permission) for permission in each.egress_rules],
    }


def instance(each, elastic):
    interface = each.nics[0]
    size = INSTANCE_TYPES[each.instance_type]
    profile = each.iam_instance_profile
    return {
        "id": each.id,
        "region": each.region_name,
        "zone": each.availability_zone,
        "state": each.state,
        "name": tags_of(each).get("Name", each.id),
        "cpus": size["VCpuInfo"]["DefaultVCpus"],
        "memoryMb": size["MemoryInfo"]["SizeInMiB"],
        "image": each.image_id,
        "vpc": interface.subnet.vpc_id,
        "groups": [member.id for member in interface.group_set],
        "privateAddress": interface.private_ip_address,
        "hostname": each.private_dns_name,
        "publicAddress": interface.public_ip,
        "elasticAddress": interface.public_ip if interface.public_ip in elastic else None,
        # It may be large, and is needed only once.
        "userData": str(each.user_data or "") if each.state == "pending" else "",
        "spot": each.lifecycle == "spot",
        "shutdown": each.instance_initiated_shutdown_behavior,
        "tokens": each.metadata_options.http_tokens,
        "hopLimit": each.metadata_options.http_put_response_hop_limit,
        "profile": profile["Arn"] if profile else None,
    }


def region(backend):
    elastic = {address.public_ip for address in backend.addresses}
    living = [each for each in backend.all_instances() if each.state != "terminated"]
    return {
        "vpcs": {vpc.id: vpc.cidr_block for vpc in backend.vpcs.values()},
        "groups": [group(each) for members in backend.groups.values() for each in members.values()],
        "instances": [instance(each, elastic) for each in living],
        "addresses": sorted(elastic),
        "resources": list(resources(backend, living)),
    }


def resources(backend, living):
    """An account's resources without those of every new account."""

    def resource(kind, each, name="", state="available"):
        tags = tags_of(each)
        return {
            "kind": kind,
            "id": each.id,
            "name": name or tags.get("Name", ""),
            "tags": [f"{key}={value}" for key, value in tags.items()],
            "state": state,
        }

    defaults = {vpc.id for vpc in backend.vpcs.values() if vpc.is_default}
    for vpc in backend.vpcs.values():
        if vpc.id not in defaults:
            yield resource("vpc", vpc)
    for zone in backend.subnets.values():
        for subnet in zone.values():
            if subnet.vpc_id not in defaults:
                yield resource("subnet", subnet)
    for gateway in backend.internet_gateways.values():
        yield resource("internet-gateway", gateway, state=gateway.attachment_state)
    for table in backend.route_tables.values():
        if table.main_association_id is None:
            yield resource("route-table", table)
    for members in backend.groups.values():
        for each in members.values():
            if not each.is_default:
                yield resource("security-group", each, each.name)
    for pair in backend.key_pairs.values():
        yield resource("key-pair", pair, pair.key_name)
    for each in living:
        yield resource("instance", each, state=each.state)
    for volume in backend.volumes.values():
        yield resource("volume", volume, state=volume.status)
    for interface in backend.enis.values():
        if interface.instance is None:
            yield resource("network-interface", interface, state=interface.status)
    for address in backend.addresses:
        state = "associated" if address.association_id else "available"
        yield resource("elastic-address", address, address.public_ip, state)


def others():
    iam = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    s3 = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    named = [
        *(("role", role.arn, role.name) for role in iam.roles.values()),
        *(("instance-profile", each.arn, each.name) for each in iam.instance_profiles.values()),
        *(("bucket", bucket.arn, bucket.name) for bucket in s3.buckets.values()),
    ]
    return [
        {"kind": kind, "id": arn, "name": name, "tags": [], "state": "available"}
        for kind, arn, name in named
    ]


def everything():
    iam = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backends = list(ec2_backends[DEFAULT_ACCOUNT_ID].values())
    return {
        "regions": [region(backend) for backend in backends],
        "roles": {
            each.arn: {"name": each.roles[0].name, "arn": each.roles[0].arn}
            for each in iam.instance_profiles.values()
            if each.roles
        },
        "resources": others(),
    }
