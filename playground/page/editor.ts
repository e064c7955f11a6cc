/** The editor of the model's text, with what is wrong at its line. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { bracketMatching, foldGutter, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Fault } from "../shared/protocol.ts";

export interface Editor {
  readonly text: string;
  /** Replaces the text, without a call of `onChange`. */
  setText(text: string): void;
  show(faults: readonly Fault[]): void;
  focusAt(fault: Fault): void;
}

/** Colours are those of the page, in both themes. */
const highlight = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)" },
  { tag: [tags.string, tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--code-function)" },
  { tag: tags.propertyName, color: "var(--code-property)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "transparent", fontSize: "13.5px" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--text)", padding: "10px 0" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--active)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection)",
  },
  ".cm-matchingBracket": { backgroundColor: "var(--selection) !important", outline: "none" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    color: "var(--text)",
    border: "1px solid var(--line)",
    borderRadius: "8px",
    maxWidth: "60ch",
  },
  ".cm-diagnosticText": { whiteSpace: "pre-wrap" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--active)", border: "none", color: "var(--faint)" },
});

export function editorIn(parent: HTMLElement, text: string, onChange: () => void): Editor {
  let isOwn = false;
  const extensions = [
    lineNumbers(),
    lintGutter(),
    foldGutter(),
    history(),
    drawSelection(),
    EditorView.lineWrapping,
    indentOnInput(),
    bracketMatching(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
    javascript({ typescript: true }),
    syntaxHighlighting(highlight),
    look,
    EditorView.contentAttributes.of({
      "aria-label": "The model: a module that exports a problem. Escape, then Tab leaves the editor.",
    }),
    EditorView.updateListener.of(({ docChanged }) => {
      if (docChanged && !isOwn) onChange();
    }),
  ];
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
  return {
    get text() {
      return view.state.doc.toString();
    },
    setText(replacement) {
      isOwn = true;
      view.setState(EditorState.create({ doc: replacement, extensions }));
      isOwn = false;
    },
    show(faults) {
      view.dispatch(
        setDiagnostics(
          view.state,
          faults.filter(({ line }) => line !== undefined).map((fault) => diagnosticOf(view.state, fault)),
        ),
      );
    },
    focusAt(fault) {
      view.dispatch({ selection: { anchor: positionOf(view.state, fault) }, scrollIntoView: true });
      view.focus();
    },
  };
}

function positionOf({ doc }: EditorState, { line = 1, column = 0 }: Fault): number {
  const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(from + column, to);
}

/** From the place to the end of its line. */
function diagnosticOf(state: EditorState, fault: Fault): Diagnostic {
  const from = positionOf(state, fault);
  const { to } = state.doc.lineAt(from);
  const isWarning = fault.name === "Warning";
  return {
    from,
    to: Math.max(from, to),
    severity: isWarning ? "warning" : "error",
    message: isWarning ? fault.message : `${fault.name}: ${fault.message}`,
  };
}
