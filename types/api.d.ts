// What the app's API answers and takes. tests/unit/app/test_app_types.py holds these against the real answers
// and against the app's OpenAPI description: one field a line.

declare namespace Api {
  interface Interval {
    estimate: number | null;
    low: number;
    high: number;
  }

  interface Kind {
    drawn: "picture" | "text" | "sound" | "name";
    icon: string;
    accept: string;
    explains: boolean;
  }

  interface Counts {
    classes: number;
    examples: number;
    unsorted: number;
    problems: number;
  }

  interface Project {
    id: string;
    name: string;
    modality: string;
    created: string;
    changed: string;
    revision: number;
    groups: string;
    table: string;
    target: string;
    documents: number;
    folder: string;
    counts: Counts;
    model: ModelSummary | null;
    job: Job | null;
    sample: string[];
    classes?: Class[];
  }

  interface Class {
    id: string;
    name: string;
    count: number;
    enough: boolean;
    good: boolean;
    wanted: number;
    sample: string[];
    lines: string[];
  }

  /** Examples that have no class yet. */
  interface Tray {
    id: string;
    count: number;
    sample: string[];
    lines: string[];
  }

  /** What is suggested to sort first, and what it may be. */
  interface Suggested {
    id: string;
    why: "typical" | "uncertain" | "random" | "";
    guess: string | null;
    probability: number | null;
    class_id: string | null;
  }

  interface Sorting {
    tray: Tray | null;
    order: Suggested[];
  }

  interface Example {
    id: string;
    class_id: string;
    name: string;
    kind: string;
    size: number;
    added: string;
    width: number | null;
    height: number | null;
    seconds: number | null;
    text: string | null;
    problem: { code: string; reason: string } | null;
    kept: boolean;
    thumb: string | null;
    url: string;
  }

  interface Nearest extends Example {
    label: string;
    similarity: number;
  }

  interface Examples {
    total: number;
    offset: number;
    items: Example[];
  }

  interface Problem {
    id: string;
    kind: "unusable" | "rejected" | "conflict" | "duplicate";
    code: string;
    name: string;
    reason: string;
    example_id: string | null;
    class_id: string | null;
    others: string[];
  }

  interface Problems {
    total: number;
    items: Problem[];
  }

  interface Step {
    id: number;
    kind: string;
    count: number;
    names: Record<string, string>;
    when: string;
  }

  interface History {
    undo: Step | null;
    redo: Step | null;
    steps: number;
  }

  interface Rejected {
    name: string;
    code: string;
    reason: string;
  }

  /** What a change of the examples leaves; the optional fields say what the change was. */
  interface Changed {
    classes: Class[];
    tray: Tray | null;
    history: History;
    revision: number;
    changed?: number;
    step?: Step;
    added?: Example[];
    added_count?: number;
    rejected?: Rejected[];
    rejected_count?: number;
    ignored?: Record<string, number>;
  }

  /** What taking examples in leaves: a change that always says what came and what did not. */
  interface Taken extends Changed {
    added: Example[];
    added_count: number;
    rejected: Rejected[];
    rejected_count: number;
  }

  interface Figures {
    epoch?: number;
    epochs?: number;
    frozen?: number;
    held_out?: number;
    loss?: number;
  }

  interface Progress {
    stage: string;
    done: number;
    total: number | null;
    fraction: number | null;
    seconds_left: number | null;
    rough: boolean;
    resumed: boolean;
    detail: string;
    figures: Figures;
  }

  interface Job {
    id: string;
    project_id: string;
    kind: "check" | "train" | "sort" | "index";
    method: string | null;
    state: "queued" | "running" | "done" | "failed" | "cancelled";
    cancel_requested: boolean;
    progress: Progress;
    created: string;
    started: string | null;
    finished: string | null;
    attempt: number;
    error: { code: string; message: string; hint: string } | null;
    revision: number;
  }

  interface ModelSummary {
    trained: string;
    accuracy: Interval | null;
    method: string | null;
    base: string | null;
    stale: boolean;
  }

  interface Model extends ModelSummary {
    report: TrainingReport;
    gentle: Gentle | null;
    path: string;
    bytes: number;
    predict_command: string;
    serve_command: string;
    downloads: Downloads;
  }

  /** Of a training's report, the fields that the screens read; a model from elsewhere may lack any of them. */
  interface TrainingReport {
    suspected_groups?: SuspectedGroups[];
    accuracy?: Interval | null;
    guessing?: number | null;
    floor?: Interval | null;
    per_class?: Record<string, ClassScore>;
    used?: number;
    columns?: ColumnReport[];
  }

  interface ClassScore {
    recall: number | null;
    low: number;
    high: number;
    n: number;
  }

  interface ColumnReport {
    name: string;
    role: string;
    adds: number | null;
    low: number | null;
    high: number | null;
  }

  interface Downloads {
    model: string;
    report: string | null;
    page: string | null;
  }

  interface Gentle {
    kept: boolean;
    code: string;
    frozen: number | null;
    gentle: number | null;
    folds: number | null;
  }

  interface Share {
    on: boolean;
    url: string | null;
    token: string | null;
    command: string | null;
    available: boolean;
    why: string | null;
  }

  interface Capabilities {
    gentle: boolean;
    gentle_hint: string | null;
    web_page: boolean;
    web_page_hint: string | null;
    share: boolean;
  }

  interface Looking {
    looking: boolean;
    done: number;
    total: number | null;
  }

  interface Table {
    upload_id: string;
    name: string;
    columns: string[];
    rows: string[][];
    count: number;
    text_column: string | null;
    label_column: string | null;
  }

  interface Doubt {
    confidence: number | null;
    set: string[];
    unsure: boolean;
    novelty: number | null;
    known: boolean | null;
    answer: unknown;
  }

  interface Prediction {
    label: string;
    probability: number;
    top: [string, number][];
    sure: boolean | null;
    doubt: Doubt | null;
    upload_id: string | null;
    nearest: Nearest[];
    milliseconds: number;
  }

  /** Where in a picture an answer came from. */
  interface HeatMap {
    kind: string;
    label: string;
    probability: number;
    values: number[][];
    drop: number;
    box: [number, number, number, number];
    rows: number;
    columns: number;
    how: string;
    milliseconds: number;
  }

  /** Which words of a text, or moments of a sound, an answer came from. */
  interface Parts {
    kind: string;
    label: string;
    probability: number;
    parts: Part[];
    drop: number;
    how: string;
    milliseconds: number;
  }

  interface Part {
    text: string;
    weight: number;
  }

  /** A project's table: its first rows, what each column is, what is learned. */
  interface Rows {
    file: string;
    label: string;
    target: string;
    roles: string[];
    targets: string[];
    columns: Column[];
    names?: string[];
    rows: Record<string, string>[];
    count: number;
    usable: number;
    learned: Learned | null;
    problems: { source: string; reason: string }[];
    notes: string[];
    error: { code: string; message: string; hint: string | null } | null;
  }

  interface Shelf {
    files: Document[];
    gone: string[];
    waiting: number;
    unread: { name: string; reason: string }[];
    rejected: number;
    ready: boolean;
    documents: number;
    passages: number;
    notes: string[];
    synced: Synced | null;
    figures: AssistantFigures | null;
    bytes: number;
  }

  interface Document {
    name: string;
    size: number;
    state: "new" | "changed" | "read" | "refused";
  }

  interface Synced {
    added: string[];
    changed: string[];
    removed: string[];
    unchanged: number;
    embedded: number;
    kept: number;
    problems: number;
    lost: string[];
    worse: string[];
  }

  /** Of what an assistant was measured to be worth, what the screens read. */
  interface AssistantFigures {
    n: number;
    answered: Interval;
    right: Interval;
    right_3: Interval;
    recall_3: Interval;
    unanswerable: number;
    wrongly_answered: Interval;
    made_from_documents: number;
    missed: string[];
  }

  interface Quote {
    text: string;
    document: string;
    title: string;
    headings: string[];
    page: number | null;
    anchor: string;
    start: number;
    passage: string;
    context: string;
    at: number;
    version: string;
    place: string;
  }

  interface Reply {
    question: string;
    status: "answer" | "unsure" | "unknown" | "chat";
    text: string;
    quotes: Quote[];
    also: Quote[];
    score: number;
    message: string;
    understood: string;
    conflicts: Conflict[];
  }

  interface Conflict {
    first: Quote;
    other: Quote;
    numbers: [string, string];
  }

  interface Applied {
    applied: boolean;
    broken: string[];
  }

  interface Around {
    document: string;
    title: string;
    before: number;
    after: number;
    passages: Passage[];
  }

  interface Passage {
    key: string;
    headings: string[];
    page: number | null;
    question: string;
    text: string;
  }

  interface Review {
    unanswered: Unanswered[];
    more: number;
    written: { question: string; answer: string }[];
    pointed: number;
    lost: string[];
    judged: number;
  }

  interface Personal {
    found: { kind: "mail" | "phone" | "card"; text: string; place: string }[];
    more: number;
  }

  interface Unanswered {
    question: string;
    times: number;
  }

  interface Column {
    name: string;
    role: string;
    reason: string;
    told: string;
  }

  interface Learned {
    target: string;
    classes: string[];
    more: number;
  }

  interface RowField {
    name: string;
    role: string;
    choices: string[];
    example: string;
  }

  /** What a model makes of a row: of the answer, the fields that the screen reads. */
  interface RowAnswer {
    answer: string;
    detail: string;
    top?: [string, number][];
    probabilities?: Record<string, number>;
    low?: number;
    high?: number;
    confidence?: number;
    milliseconds: number;
  }

  /** What a target other than classes has to show of a model. */
  interface Detector {
    good: number;
    threshold: number;
    settings: PartSetting[];
    at: number;
    caught: Caught | null;
    known_defects: Record<string, Caught>;
    odd: ScoredPart[];
    known: ScoredPart[];
  }

  interface PartSetting {
    threshold: number;
    false_alarms: FalseAlarmsTold;
    known_defects: Record<string, Caught>;
    caught: Caught | null;
  }

  interface FalseAlarmsTold {
    asked: number;
    expected: number | null;
    low: number | null;
    high: number | null;
    good: number;
    independent: number;
    smallest: number;
  }

  interface Caught {
    found: number;
    n: number;
    low: number;
    high: number;
  }

  interface ScoredPart extends Example {
    label: string;
    score: number;
    strange: boolean;
  }

  interface Inspected {
    answer: "ok" | "defect" | "out-of-distribution";
    score: number;
    threshold: number;
    p_value: number;
    defect_kind: string | null;
    box: [number, number, number, number] | null;
    width: number;
    height: number;
    picture: string;
    heatmap: string;
    milliseconds: number;
  }

  interface Shown {
    learned: string;
    headline: string;
    figures: string;
    tables: ShownTable[];
    scatters: Scatter[];
    metrics: [string, number, string][];
    curves: TargetCurve[];
    suspects: { source: string; said: string }[];
    suspects_title: string;
  }

  interface TargetCurve {
    title: string;
    said: string;
    across: string;
    up: string;
    points: [number, number][];
  }

  /** A row of a table that was opened; `uri` holds its photo or sound. */
  interface OpenedRow {
    name: string;
    label: string;
    cells: [string, string][];
    kind: string;
    uri: string;
  }

  interface ShownTable {
    heads: string[];
    rows: string[][];
    title: string;
  }

  interface Scatter {
    title: string;
    across: string;
    up: string;
    points: [number, number, string][];
  }

  // What a check found: of the advice, the fields that the screens read.

  interface Check {
    job_id: string;
    when: string;
    revision: number;
    stale: boolean;
    advice: Advice;
    examples: Record<string, { id: string; class_id: string }>;
  }

  interface Advice {
    data: AdviceData;
    availability: Offer[];
    ranking: Ranked[];
    similarity: Similarity[];
    amount: Amount;
    learnable: "yes" | "no" | "unknown";
    steps: NextStep[];
    evaluation: Evaluation | null;
    floor: Interval | null;
    worth: Interval | null;
    suspected_groups: SuspectedGroups[];
  }

  /** Advice in the sentences of the screen. */
  interface ToldAdvice extends Advice {
    told: Told;
    suspected_groups: AskedGroups[];
  }

  interface Told {
    tone: Tone;
    verdict: string;
    worth: string;
    answers: Answer[];
    steps: ToldStep[];
  }

  interface Tone {
    tone: "good" | "care" | "plain";
    badge: string;
  }

  /** A question, its short answer with a sign of the same meaning, and what it rests on. */
  interface Answer {
    question: string;
    short: string;
    sign: string;
    text: string;
    more: string;
    more_text: string;
  }

  interface ToldStep {
    code: string;
    text: string;
  }

  /** Groups with the question that they raise; none where they make no difference. */
  interface AskedGroups extends SuspectedGroups {
    told: string[];
  }

  interface AdviceData {
    used: number;
    counts: Record<string, number>;
  }

  interface Offer {
    name: string;
    title: string;
  }

  interface Ranked {
    base: string;
    accuracy: Interval;
    chosen: boolean;
  }

  interface Similarity {
    base: string;
    verdict: "familiar" | "partly" | "foreign" | null;
    looks_like: Record<string, [string, number][]>;
  }

  interface Amount {
    curve: CurvePoint[];
    forecast: ForecastPoint[];
    verdict: "hardly" | "may" | "would" | null;
  }

  interface ForecastPoint {
    n_per_class: number;
    low: number;
    high: number;
  }

  interface CurvePoint extends ForecastPoint {
    accuracy: number | null;
  }

  interface NextStep {
    code: string;
    figures: Record<string, any>;
  }

  interface Evaluation {
    accuracy: Interval;
    guessing: number | null;
  }

  interface SuspectedGroups {
    from: string;
    groups: number;
    accuracy: number;
    reported: number;
    lower: boolean;
    names: string[];
  }

  interface Improve {
    when: string;
    stale: boolean;
    verdict: string;
    evaluation: Evaluation;
    classes: string[];
    confusion: number[][];
    cells: Cell[];
    suspects: Suspect[];
    mistakes: unknown[];
    outliers: unknown[];
    amount: Amount;
    collect: Gain[];
  }

  interface Cell {
    label: string;
    said: string;
    count: number;
    ids: string[];
  }

  interface Suspect {
    id: string;
    label: string;
    suggested: string;
    suggested_class_id: string | null;
    score: number;
  }

  interface Gain {
    class_id: string | null;
    label: string;
    share: number;
  }

  // What the pages are given: all of them, and each screen beyond that.

  interface PageData {
    kinds: Record<string, Kind>;
    project: Project | null;
    capabilities: Capabilities;
    lang: string;
    screen: string;
    glossary: Record<string, string>;
    screens: Screen[];
  }

  interface Screen {
    id: string;
    href: string;
    ready: boolean;
  }

  interface StartPage extends PageData {
    projects: Project[];
  }

  interface SortPage extends PageData {
    classes: Class[];
    tray: Tray | null;
    order: Suggested[];
    history: History;
    job: Job | null;
  }

  interface ExamplesPage extends PageData {
    good_names: string[];
    classes: Class[];
    tray: Tray | null;
    problems: Problems;
    history: History;
  }

  interface ToldCheck extends Check {
    advice: ToldAdvice;
  }

  interface ToldReport extends TrainingReport {
    suspected_groups?: AskedGroups[];
  }

  interface ToldModel extends Model {
    report: ToldReport;
    gentle: ToldGentle | null;
    by_class: string;
  }

  interface ToldGentle extends Gentle {
    told: string;
  }

  interface CheckPage extends PageData {
    result: ToldCheck | null;
    job: Job | null;
  }

  interface TrainPage extends PageData {
    model: ToldModel | null;
    job: Job | null;
  }

  interface TryPage extends PageData {
    model: Model | null;
    classes: Class[];
  }

  interface ImprovePage extends PageData {
    model: Model | null;
    improve: Improve | null;
    classes: Class[];
  }

  interface DocumentsPage extends PageData {
    shelf: Shelf;
    job: Job | null;
  }

  interface ChatPage extends PageData {
    ready: boolean;
    waiting: number;
  }

  interface ReviewPage extends PageData {
    review: Review | null;
  }

  interface TablePage extends PageData {
    table: Rows;
  }

  interface TrainedPage extends PageData {
    model: ToldModel | null;
    job: Job | null;
    shown: Shown | null;
  }

  interface DetectorPage extends PageData {
    model: ToldModel | null;
    job: Job | null;
    detector: Detector | null;
    classes: Class[];
  }

  interface InspectPage extends PageData {
    model: Model | null;
  }

  interface UsePage extends PageData {
    model: Model | null;
    fields: RowField[];
  }

  // What the API takes, by the names of its description.

  interface NewProject {
    name: string;
    modality: string;
    target?: string;
  }

  interface Asked {
    question: string;
    history?: string[];
    keep?: boolean;
  }

  interface Judged {
    question: string;
    right?: boolean | null;
    passage?: string;
    answer?: string;
  }

  interface Texts {
    class_id: string;
    text: string;
    split?: "lines" | "one";
    batch?: string | null;
  }

  interface Columns {
    text_column: string;
    label_column?: string | null;
    class_id?: string | null;
  }

  interface Ids {
    ids: string[];
  }

  interface Move {
    ids: string[];
    class_id: string;
  }

  interface Keep {
    ids: string[];
    keep?: boolean;
  }

  interface Dismiss {
    ids?: string[];
    all?: boolean;
  }

  interface Tried {
    upload_id: string;
    class_id: string;
  }

  interface NewJob {
    kind: string;
    method?: string | null;
    target?: number | null;
  }

  interface FalseAlarms {
    rate: number;
  }

  interface Explain {
    upload_id: string;
    label?: string | null;
  }

  interface Setup {
    label?: string | null;
    target?: string | null;
    roles?: Record<string, string> | null;
  }
}
