"""A number for each example: a price, an age, seconds, stars."""

from headstart.kinds.record import Part
from headstart.targets.record import Target, Words

NUMBER = Target(
    name="number",
    words=Words(one="number", many="numbers", learned="a number of each example"),
    read=Part("headstart.data.number_labels:with_numbers"),
    recognise=Part("headstart.data.number_labels:recognise"),
    learn=Part("headstart.workflows.learning.numbers:learn"),
    answer=Part("headstart.number_predictions:of_numbers"),
    measure=Part("headstart.workflows.learning.numbers:measure_fresh"),
    read_head=Part("headstart.heads.numbers.head:read_head"),
    strata=Part("headstart.data.number_labels:number_strata"),
    values=Part("headstart.data.number_labels:numbers_of"),
    require=Part("headstart.data.number_labels:require_numbers"),
    columns=Part("headstart.number_predictions:columns_of_numbers"),
    show=Part("headstart.number_shown:show"),
    graph=Part("headstart.export.heads:add_numbers"),
    scores=Part("headstart.number_predictions:scores_of"),
    page="numbers",
    exports=("onnx", "web"),
    examined=True,
    ranged=True,
    confident=Part("headstart.number_predictions:check_confidence"),
)
