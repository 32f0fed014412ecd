import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON strictly: objects as Map, lists as List, whole numbers as Long, and null for whatever is not to be read. */
final class Json {
    private static final int MAX_DEPTH = 32;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Object read(String text) {
        Json reader = new Json(text);
        try {
            Object found = reader.value(0);
            reader.blank();
            return reader.at == text.length() ? found : null;
        } catch (IllegalArgumentException | IndexOutOfBoundsException malformed) {
            return null;
        }
    }

    private Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException();
        }
        blank();
        return switch (text.charAt(at)) {
            case '{' -> object(depth);
            case '[' -> list(depth);
            case '"' -> string();
            case 't' -> word("true", Boolean.TRUE);
            case 'f' -> word("false", Boolean.FALSE);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> found = new HashMap<>();
        at++;
        if (ends('}')) {
            return found;
        }
        do {
            blank();
            String key = string();
            blank();
            take(':');
            Object value = value(depth + 1);
            // A key that stands twice says two things.
            if (found.containsKey(key)) {
                throw new IllegalArgumentException();
            }
            found.put(key, value);
        } while (goesOn('}'));
        return found;
    }

    private List<Object> list(int depth) {
        List<Object> found = new ArrayList<>();
        at++;
        if (ends(']')) {
            return found;
        }
        do {
            found.add(value(depth + 1));
        } while (goesOn(']'));
        return found;
    }

    private String string() {
        take('"');
        StringBuilder found = new StringBuilder();
        while (text.charAt(at) != '"') {
            char next = text.charAt(at++);
            if (next < ' ') {
                throw new IllegalArgumentException();
            }
            found.append(next == '\\' ? escaped() : next);
        }
        at++;
        return found.toString();
    }

    private char escaped() {
        char mark = text.charAt(at++);
        if (mark == 'u') {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        int known = "\"\\/bfnrt".indexOf(mark);
        if (known < 0) {
            throw new IllegalArgumentException();
        }
        return "\"\\/\b\f\n\r\t".charAt(known);
    }

    private Object number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(from, at);
        if (!digits.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?")) {
            throw new IllegalArgumentException();
        }
        if (digits.matches("-?\\d{1,18}")) {
            return Long.valueOf(digits);
        }
        return Double.valueOf(digits);
    }

    private Object word(String word, Object meaning) {
        if (!text.startsWith(word, at)) {
            throw new IllegalArgumentException();
        }
        at += word.length();
        return meaning;
    }

    private boolean goesOn(char end) {
        blank();
        if (text.charAt(at) == ',') {
            at++;
            return true;
        }
        take(end);
        return false;
    }

    private boolean ends(char end) {
        blank();
        boolean here = text.charAt(at) == end;
        at += here ? 1 : 0;
        return here;
    }

    private void take(char wanted) {
        if (text.charAt(at++) != wanted) {
            throw new IllegalArgumentException();
        }
    }

    private void blank() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }
}
