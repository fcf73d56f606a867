// The rich text editor of documentation sections: django-prose-editor with the tags of mobipro/html.py.
// Its own style element is left out (injectCSS), because the site's policy allows files only; see section-editor.css.
import {
  Blockquote,
  Bold,
  BulletList,
  Document,
  Editor,
  HardBreak,
  Heading,
  History,
  Italic,
  Link,
  ListItem,
  Menu,
  OrderedList,
  Paragraph,
  Table,
  TableCell,
  TableHeader,
  TableRow,
  Text,
  initializeEditors,
} from "django-prose-editor/editor";

const extensions = () => [
  Document,
  Paragraph,
  Text,
  HardBreak,
  History,
  Bold,
  Italic,
  Heading.configure({ levels: [3] }),
  BulletList,
  OrderedList,
  ListItem,
  Blockquote,
  Link.configure({ enableTarget: false }),
  Table,
  TableRow,
  TableHeader,
  TableCell,
  Menu,
];

const isEmpty = (html) => /^<(\w+)(\s[^>]*)?><\/\1>$/i.test(html);

function createEditor(textarea) {
  if (textarea.closest(".prose-editor")) return null;
  const shell = document.createElement("div");
  shell.className = "prose-editor";
  textarea.before(shell);
  shell.append(textarea);
  return new Editor({
    element: shell,
    injectCSS: false,
    extensions: extensions(),
    content: textarea.value,
    editorProps: {
      attributes: { role: "textbox", "aria-multiline": "true", "aria-label": textarea.getAttribute("aria-label") || "Text" },
    },
    onUpdate({ editor }) {
      const html = editor.getHTML();
      textarea.value = isEmpty(html) ? "" : html;
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
}

initializeEditors(createEditor, "[data-django-prose-editor-section]");
