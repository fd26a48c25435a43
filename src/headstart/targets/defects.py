"""Whether a part is defective, learned from good ones."""

from headstart.kinds.record import Part
from headstart.targets.record import Target, Words

DEFECTS = Target(
    name="defects",
    words=Words(
        one="defect", many="defects", learned="what good parts look like, and so which are defective"
    ),
    read=Part("headstart.data.inspected:with_inspection"),
    recognise=Part("headstart.data.inspected:recognise"),
    require=Part("headstart.data.inspected:require_inspected"),
    prepare=Part("headstart.workflows.learning.defects:prepare"),
    learn=Part("headstart.workflows.learning.defects:learn"),
    answer=Part("headstart.defects.answers:answer"),
    measure=Part("headstart.workflows.learning.defects:measure_fresh"),
    read_head=Part("headstart.defects.head:read_head"),
    columns=Part("headstart.defects.answers:columns"),
    show=Part("headstart.defects.shown:show"),
    graph=Part("headstart.export.defects:add_detector"),
    scores=Part("headstart.export.defects:scores"),
    confident=Part("headstart.defects.answers:refuse_confidence"),
    page="defects",
    exports=("onnx", "web", "openvino"),
    drift=Part("headstart.defects.drift:DriftTest"),
    settings=("false_alarms", "input_size", "smallest_defect"),
    unlabelled=True,
)
