"""Instances as EC2 has them, beside moto's.

moto's are running or ended at once. Here an instance waits in the intermediate states until the
emulated cloud reports its machine's state. It has the machine's addresses, and requests that EC2
would refuse are refused.
"""

import ipaddress
from base64 import b64decode

import flask
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES
from moto.ec2.models.instances import Instance, InstanceState, StateReason
from moto.ec2.models.subnets import Subnet
from moto.ec2.responses.instances import InstanceResponse
from moto.iam.models import iam_backends

STATES = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}
# The states from which a change of its machine leads an instance to each of these.
ORIGINS = {
    "running": ("pending",),
    "stopped": ("running", "stopping"),
    "shutting-down": ("pending", "running", "stopping", "stopped"),
    "terminated": ("pending", "shutting-down"),
}
ENDED = ("shutting-down", "terminated")
USER_DATA_BYTES = 16384
GP3_THROUGHPUT = 125
# EC2 keeps the first four addresses of a subnet and its last for itself.
RESERVED_FIRST, RESERVED_LAST = 4, 1

moto_run = InstanceResponse.run_instances
moto_end = {
    "terminated": Instance.terminate,
    "stopped": Instance.stop,
    "running": Instance.start,
}
moto_modify_attribute = EC2Backend.modify_instance_attribute
moto_allocate_address = EC2Backend.allocate_address
moto_free_address = Subnet.del_subnet_ip


def refuse(code, message):
    raise EC2ClientError(code, message)


def set_state(instance, name):
    instance._state = InstanceState(name, STATES[name])


def run_instances(self):
    """RunInstances: with EC2's refusals; a repeated request gets the answer of the first."""
    token = self._get_param("ClientToken")
    for reservation in self.ec2_backend.reservations.values():
        if token and any(each.client_token == token for each in reservation.instances):
            return ActionResult(reservation)
    check_launch(self)
    result = moto_run(self)
    for instance in result.result.instances:
        begin(instance)
    return result


def check_launch(request):
    get = request._get_param
    backend = request.ec2_backend
    nic = next(iter(get("NetworkInterfaces", [])), {})
    subnet_id = get("SubnetId") or nic.get("SubnetId")
    if not subnet_id:
        refuse("MissingInput", "the emulated EC2 knows no default subnets: name one")
    subnet = backend.get_subnet(subnet_id)
    check_limit(request)
    check_type(backend, get("InstanceType"), subnet, get("ImageId"))
    key = get("KeyName")
    if key and not any(pair.key_name == key for pair in backend.key_pairs.values()):
        refuse("InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")
    for group_id in get("SecurityGroupIds", []) + nic.get("Groups", []):
        check_group(backend, group_id, subnet)
    address = get("PrivateIpAddress") or nic.get("PrivateIpAddress")
    if address:
        check_address(backend, address, subnet)
    if len(b64decode(get("UserData") or "")) > USER_DATA_BYTES:
        refuse("InvalidParameterValue", "User data is limited to 16384 bytes")
    check_profile(get("IamInstanceProfile.Name"), get("IamInstanceProfile.Arn"))


def check_limit(request):
    limit = flask.request.headers.get("X-Emulated-Instances")
    living = [i for i in request.ec2_backend.all_instances() if i.state != "terminated"]
    if limit is not None and len(living) >= int(limit):
        refuse(
            "VcpuLimitExceeded",
            f"You have requested more vCPU capacity than your current vCPU limit of {limit} allows "
            "for the instance bucket that the specified instance type belongs to. Please visit "
            "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
        )


def check_type(backend, name, subnet, image_id):
    zone = subnet.availability_zone
    if name not in INSTANCE_TYPES:
        refuse("InvalidParameterValue", f"Invalid value '{name}' for InstanceType.")
    offered = INSTANCE_TYPE_OFFERINGS["availability-zone"].get(backend.region_name, [])
    if not any(each["InstanceType"] == name and each["Location"] == zone for each in offered):
        refuse(
            "Unsupported",
            f"Your requested instance type ({name}) is not supported in your requested "
            f"Availability Zone ({zone}).",
        )
    [image] = backend.describe_images(ami_ids=[image_id])
    architectures = INSTANCE_TYPES[name]["ProcessorInfo"]["SupportedArchitectures"]
    if image.architecture not in architectures:
        refuse(
            "InvalidParameterValue",
            f"The architecture '{','.join(architectures)}' of the specified instance type does not "
            f"match the architecture '{image.architecture}' of the specified AMI. Specify an "
            "instance type and an AMI that have matching architectures, and try again.",
        )


def check_group(backend, group_id, subnet):
    group = backend.get_security_group_from_id(group_id)
    if group is None:
        refuse("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
    if group.vpc_id != subnet.vpc_id:
        refuse(
            "InvalidParameter",
            f"Security group {group_id} and subnet {subnet.id} belong to different networks.",
        )


def check_address(backend, address, subnet):
    wanted = ipaddress.ip_address(address)
    if wanted not in subnet.cidr:
        refuse(
            "InvalidParameterValue",
            f"Address {address} does not fall within the subnet's address range",
        )
    index = int(wanted) - int(subnet.cidr.network_address)
    if index < RESERVED_FIRST or index >= subnet.cidr.num_addresses - RESERVED_LAST:
        refuse("InvalidParameterValue", f"Address {address} is in subnet's reserved address range")
    taken = [each.private_ip_address for each in backend.enis.values() if each.subnet is subnet]
    if address in taken:
        refuse("InvalidIPAddress.InUse", f"Address {address} is in use.")


def check_profile(name, arn):
    if not name and not arn:
        return
    profiles = iam_backends[DEFAULT_ACCOUNT_ID]["aws"].get_instance_profiles()
    found = next((each for each in profiles if name == each.name or arn == each.arn), None)
    if found is None:
        what, value, kind = ("name", name, "name") if name else ("arn", arn, "ARN")
        refuse(
            "InvalidParameterValue",
            f"Value ({value}) for parameter iamInstanceProfile.{what} is invalid. "
            f"Invalid IAM Instance Profile {kind}",
        )
    if not found.roles:
        refuse(
            "InvalidParameterValue",
            f'IAM Instance Profile "{found.arn}" has no associated IAM Roles',
        )


def begin(instance):
    set_state(instance, "pending")
    for interface in instance.nics.values():
        interface.delete_on_termination = True
    for _, device in instance.get_block_device_mapping:
        [volume] = instance.ec2_backend.describe_volumes(volume_ids=[device.volume_id])
        if volume.volume_type == "gp3":
            volume.throughput = volume.throughput or GP3_THROUGHPUT


def block_devices(self):
    """The disks of a request; the root's properties are the image's unless it sets them."""
    devices = [{"NoDevice": None, **each} for each in self._get_param("BlockDeviceMappings", [])]
    [image] = self.ec2_backend.describe_images(ami_ids=[self._get_param("ImageId")])
    [root] = image.block_device_mappings
    asked = next((each for each in devices if each["DeviceName"] == root["DeviceName"]), {})
    others = [each for each in devices if each is not asked]
    return [{**root, "NoDevice": None, "Ebs": {**root["Ebs"], **asked.get("Ebs", {})}}, *others]


def leave_for(state, origins, done, verb):
    """An API call that leads to an intermediate state, until the machine has followed."""

    def change(self):
        previous = InstanceState(self.state, self.state_code)
        if self.state in origins:
            set_state(self, state)
        elif self.state not in done:
            refuse(
                "IncorrectInstanceState",
                f"The instance '{self.id}' is not in a state from which it can be {verb}.",
            )
        return previous

    return change


def modify_attribute(self, instance_id, key, value):
    instance = self.get_instance(instance_id)
    if key in ("instance_type", "user_data") and instance.state != "stopped":
        refuse(
            "IncorrectInstanceState", f"The instance '{instance_id}' is not in the 'stopped' state."
        )
    return moto_modify_attribute(self, instance_id, key, value)


def groups_of(self):
    """An instance's groups are those of its first interface, whichever of the two was set."""
    nics = self.__dict__.get("nics")
    return nics[0]._group_set if nics else self.__dict__["first_groups"]


def set_groups(self, groups):
    nics = self.__dict__.get("nics")
    if nics:
        nics[0]._group_set = list(groups)
    else:
        self.__dict__["first_groups"] = groups


def free_address(self, address):
    """A free address may be assigned unless it is reserved: moto assigns used ones again."""
    moto_free_address(self, address)
    if ipaddress.ip_address(address) in self._reserved_ips:
        self._unused_ips.discard(address)


def take_machine_address(self):
    """An interface's own public address is its machine's, once that exists."""
    if self.public_ip_auto_assign:
        self.public_ip = getattr(self, "machine_address", None)


def allocate_address(self, domain, address=None, tags=None):
    """Machines need public addresses too: the emulated cloud has reserved this one."""
    reserved = flask.request.headers.get("X-Emulated-Address")
    return moto_allocate_address(self, domain, address or reserved, tags)


def apply(order):
    """A report on an instance's machine: its public address, or a new state, and why."""
    backend = ec2_backends[DEFAULT_ACCOUNT_ID][order["region"]]
    instance = backend.get_instance(order["id"])
    address, state = order.get("publicAddress"), order.get("state")
    if address:
        interface = instance.nics[0]
        interface.machine_address = address
        if not interface.public_ip:
            interface.check_auto_public_ip()
    if not state or instance.state not in ORIGINS[state]:
        return
    if state == "terminated":
        for elastic in [each for each in backend.addresses if each.instance is instance]:
            backend.disassociate_address(address=elastic.public_ip)
    if state in moto_end:
        moto_end[state](instance)
    else:
        set_state(instance, state)
    reason = order.get("reason")
    if reason:
        instance._reason = reason["message"]
        instance.state_reason = StateReason(
            f"{reason['code']}: {reason['message']}", reason["code"]
        )


def emulate():
    InstanceResponse.run_instances = run_instances
    InstanceResponse._parse_block_device_mapping = block_devices
    living = ORIGINS["shutting-down"]
    Instance.terminate = leave_for("shutting-down", living, ENDED, "terminated")
    Instance.stop = leave_for("stopping", ("running",), ("stopping", "stopped"), "stopped")
    Instance.start = leave_for("pending", ("stopped",), ("pending", "running"), "started")
    Instance.security_groups = property(groups_of, set_groups)
    EC2Backend.modify_instance_attribute = modify_attribute
    EC2Backend.allocate_address = allocate_address
    Subnet.del_subnet_ip = free_address
    NetworkInterface.check_auto_public_ip = take_machine_address
