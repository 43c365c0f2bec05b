"""Another implementation of protobuf than the gateway's: reads and writes Efento's messages with Python's own library.

Called with a folder of modules that protoc has made. Reads requests as lines of JSON, and answers each with a line:
  {"type": "ProtoConfig", "hex": "..."}   -> {"json": {...}, "hex": "..."}   what the bytes say, and the same encoded anew
  {"type": "ProtoConfig", "json": {...}}  -> {"json": {...}, "hex": "..."}   what the fields are as bytes
  {"type": "ProtoConfig", "fill": 7}      -> {"json": {...}, "hex": "..."}   a message in which every field is set, to numbers that depend on 7
"""

import json
import sys

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor as Field

sys.path.insert(0, sys.argv[1])

from efento import config_pb2, device_info_pb2, measurements_pb2  # noqa: E402

TYPES = {
    "ProtoConfig": config_pb2.ProtoConfig,
    "ProtoMeasurements": measurements_pb2.ProtoMeasurements,
    "ProtoDeviceInfo": device_info_pb2.ProtoDeviceInfo,
}


def fill(message, seed):
    """Sets every field, and twice those that may come more than once."""
    for field in message.DESCRIPTOR.fields:
        place = seed * 1000 + field.number
        if not is_repeated(field):
            if field.type == Field.TYPE_MESSAGE:
                fill(getattr(message, field.name), seed + 1)
            else:
                setattr(message, field.name, value_of(field, place))
        elif field.type == Field.TYPE_MESSAGE:
            for turn in (1, 2):
                fill(getattr(message, field.name).add(), seed + turn)
        else:
            getattr(message, field.name).extend([value_of(field, place), value_of(field, place + 1)])


def is_repeated(field):
    return field.label == Field.LABEL_REPEATED


def value_of(field, place):
    if field.type == Field.TYPE_BYTES:
        return b"\x28\x2c\x02" + place.to_bytes(3, "big")
    if field.type == Field.TYPE_STRING:
        return "text %d" % place
    if field.type == Field.TYPE_BOOL:
        return True
    if field.type == Field.TYPE_ENUM:
        values = field.enum_type.values
        return values[1 + place % (len(values) - 1)].number
    if field.type == Field.TYPE_UINT32:
        return 0xFFFFFFFF - place if place % 2 else place
    return -place if place % 2 else place


for line in sys.stdin:
    request = json.loads(line)
    message = TYPES[request["type"]]()
    if "hex" in request:
        message.ParseFromString(bytes.fromhex(request["hex"]))
    elif "json" in request:
        json_format.ParseDict(request["json"], message)
    else:
        fill(message, request["fill"])
    answer = json_format.MessageToDict(message, preserving_proto_field_name=True, use_integers_for_enums=True)
    print(json.dumps({"json": answer, "hex": message.SerializeToString(deterministic=True).hex()}), flush=True)
