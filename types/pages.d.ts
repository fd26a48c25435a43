// What the modules of the app's pages hand to each other.

declare namespace Ui {
  /** What an element is made of; what is null, undefined, false or empty is left out. */
  type Child = Node | string | number | false | null | undefined | Child[];

  /** Attributes, listeners (`onclick`) and the few properties that are no attributes (`value`, `checked`). */
  type Properties = Record<string, string | number | boolean | null | undefined | ((event: any) => unknown)>;

  /** What the words of a key are filled in with. */
  type Values = Record<string, string | number>;

  /** A file with its path from the folder on that was chosen or dropped. */
  interface Chosen {
    file: File;
    path: string;
  }

  /** What the examples' screen knows of its project. */
  interface State {
    classes: Api.Class[];
    tray: Api.Tray | null;
    history: Api.History;
    revision: number;
    problems: Api.Problems;
  }

  /** Take over what the server answered after a change; `message` tells of it where it can be undone. */
  type Apply = (answer: Partial<Api.Changed> | undefined, message?: string) => void;

  /** What can be done with a class, wherever it is shown. */
  interface Acts {
    apply: Apply;
    take: (files: Chosen[], classId: string) => unknown;
    addText: (owner: Api.Class) => unknown;
  }

  interface CardActs extends Acts {
    open: (classId: string) => void;
  }

  interface ViewActs extends Acts {
    close: () => void;
  }

  interface MenuItem {
    icon: string;
    label: string;
    danger?: boolean;
    act: () => unknown;
  }

  /** What is called on news of a project; `jobId` is the job to follow to its end. */
  interface Watcher {
    jobId?: string;
    job?: (job: Api.Job) => void;
    project?: (news: { revision: number; changed: string | number }) => void;
    lost?: (isLost: boolean) => void;
  }
}
