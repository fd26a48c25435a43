"""One class for each example."""

from headstart.kinds.record import Part
from headstart.targets.record import Target, Words

CLASSES = Target(
    name="classes",
    words=Words(one="class", many="classes", learned="which class each example is of"),
    read=Part("headstart.data.class_labels:with_classes"),
    learn=Part("headstart.workflows.learning.classes:learn"),
    answer=Part("headstart.class_answers:of_classes"),
    measure=Part("headstart.workflows.learning.classes:measure_fresh"),
    known=Part("headstart.workflows.learning.classes:of_known_classes"),
    read_head=Part("headstart.heads.saved:read_head"),
    strata=Part("headstart.data.class_labels:class_index"),
    require=Part("headstart.data.enough:require_trainable"),
    tidy=Part("headstart.data.class_labels:without_empty_classes"),
    columns=Part("headstart.class_answers:columns_of_classes"),
    graph=Part("headstart.export.heads:add_head"),
    scores=Part("headstart.class_answers:proba_of"),
    page="classes",
    sortable=True,
    tunable=True,
    advised=True,
    confident=Part("headstart.class_answers:check_confidence"),
)
