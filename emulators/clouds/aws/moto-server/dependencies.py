"""Deletions and associations that EC2 refuses and moto does not."""

from functools import wraps

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroupRule


def before(method, check):
    """Adds a check to the start of a backend's method; it raises to refuse."""
    original = getattr(EC2Backend, method)

    @wraps(original)
    def checked(self, *args, **kwargs):
        check(self, *args, **kwargs)
        return original(self, *args, **kwargs)

    setattr(EC2Backend, method, checked)


def interfaces(backend):
    return list(backend.enis.values())


def subnet_is_unused(backend, subnet_id):
    if any(interface.subnet.id == subnet_id for interface in interfaces(backend)):
        raise DependencyViolationError(
            f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
        )


def group_is_unused(backend, name=None, group_id=None):
    group = backend.get_security_group_by_name_or_id(group_id or name)
    if group is None:
        return
    others = [
        other
        for members in backend.groups.values()
        for other in members.values()
        if other.id != group.id
    ]
    named = any(
        rule.source_group.get("GroupId") == group.id
        for other in others
        for rule in [*other.ingress_rules, *other.egress_rules]
    )
    worn = any(
        member.id == group.id for interface in interfaces(backend) for member in interface.group_set
    )
    if named or worn:
        raise DependencyViolationError(f"resource {group.id} has a dependent object")


def network_exists(backend, name, description, vpc_id=None, **_):
    if vpc_id:
        backend.get_vpc(vpc_id)


def vpc_is_unused(backend, vpc_id):
    gateways = [g for g in backend.internet_gateways.values() if g.vpc and g.vpc.id == vpc_id]
    groups = [group for group in backend.groups[vpc_id].values() if not group.is_default]
    if gateways or groups:
        raise DependencyViolationError(
            f"The vpc '{vpc_id}' has dependencies and cannot be deleted."
        )


def no_public_addresses(backend, internet_gateway_id, vpc_id):
    if any(i.public_ip and i.subnet.vpc_id == vpc_id for i in interfaces(backend)):
        raise DependencyViolationError(
            f"Network {vpc_id} has some mapped public address(es). "
            "Please unmap those public address(es) before detaching the gateway."
        )


def address_is_free(backend, address=None, allocation_id=None):
    for elastic in backend.addresses:
        chosen = elastic.allocation_id == allocation_id or elastic.public_ip == address
        if chosen and elastic.association_id:
            raise EC2ClientError(
                "InvalidIPAddress.InUse", f"Address {elastic.public_ip} is in use."
            )


def can_have_address(backend, instance=None, **_):
    if instance is None:
        return
    if instance.state not in ("running", "stopped"):
        raise EC2ClientError(
            "InvalidInstanceID",
            f"The {instance.state} instance '{instance.id}' is not in a valid state for this "
            "operation.",
        )
    attached = [g.vpc.id for g in backend.internet_gateways.values() if g.vpc]
    if instance.vpc_id not in attached:
        raise EC2ClientError(
            "Gateway.NotAttached",
            f"Network {instance.vpc_id} is not attached to any internet gateway",
        )


def groups_are_of_one_network(backend, group_name_or_id, *_, source_groups=None, **__):
    group = backend.get_security_group_by_name_or_id(group_name_or_id)
    for named in source_groups or []:
        other = backend.get_security_group_from_id(named.get("GroupId"))
        if group and other and other.vpc_id != group.vpc_id:
            raise EC2ClientError(
                "InvalidGroup.NotFound",
                "You have specified two resources that belong to different networks.",
            )


moto_rules = EC2Backend._iterate_security_rules


def rules(self, ip_protocol, group_id, from_port, to_port, *args, **kwargs):
    """Protocols other than TCP and UDP may omit ports."""
    from_port, to_port = (-1 if port is None else port for port in (from_port, to_port))
    return moto_rules(self, ip_protocol, group_id, from_port, to_port, *args, **kwargs)


def description(rule):
    return (rule.ip_range or rule.source_group).get("Description")


def enforce():
    EC2Backend._iterate_security_rules = rules
    SecurityGroupRule.description = property(description)
    before("delete_subnet", subnet_is_unused)
    before("delete_security_group", group_is_unused)
    before("create_security_group", network_exists)
    before("delete_vpc", vpc_is_unused)
    before("detach_internet_gateway", no_public_addresses)
    before("release_address", address_is_free)
    before("associate_address", can_have_address)
    before("authorize_security_group_ingress", groups_are_of_one_network)
    before("authorize_security_group_egress", groups_are_of_one_network)
