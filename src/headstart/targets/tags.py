"""Several tags for each example, or none."""

from headstart.kinds.record import Part
from headstart.targets.record import Target, Words

TAGS = "tags"

TAGS_TARGET = Target(
    name=TAGS,
    words=Words(one="tag", many="tags", learned="which tags each example has"),
    read=Part("headstart.data.tag_labels:with_tags"),
    learn=Part("headstart.workflows.learning.tags:learn"),
    answer=Part("headstart.tag_answers:of_tags"),
    measure=Part("headstart.workflows.learning.tags:measure_fresh"),
    known=Part("headstart.workflows.learning.tags:of_known_tags"),
    read_head=Part("headstart.heads.tags.head:read_head"),
    strata=Part("headstart.data.tag_labels:rarest_tag"),
    values=Part("headstart.data.tag_labels:tag_values"),
    require=Part("headstart.data.tag_labels:require_tags"),
    tidy=Part("headstart.data.tag_labels:without_empty_tags"),
    columns=Part("headstart.tag_answers:columns_of_tags"),
    show=Part("headstart.tag_shown:show"),
    graph=Part("headstart.export.tags:add_tags"),
    scores=Part("headstart.tag_answers:proba_of_tags"),
    settings=("measure",),
    recognise=Part("headstart.data.tag_labels:recognise"),
    page="tags",
    exports=("onnx", "web"),
    empty=True,
    examined=True,
    confident=Part("headstart.tag_answers:check_missed"),
)
