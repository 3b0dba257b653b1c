// How a block of Python is run: what it prints is kept up to a limit, its last expression is its value, final_answer ends it.

/** Defines `reset()` and `run(code, most)`, which gives JSON. Runs before any code of an agent. */
export const PYTHON_PRELUDE = `
import ast, json, os, random, sys, time, traceback

# What reaches out of the interpreter; the process has no rights besides.
for name in list(sys.modules):
    if name.split('.')[0] in ('js', 'pyodide_js'):
        del sys.modules[name]

def refused(*given):
    raise PermissionError('there are no other processes')

os.system = refused

class Answered(BaseException):
    pass

class Output:
    def __init__(self, most):
        self.room, self.kept, self.omitted = most, [], 0
    def write(self, text):
        head = text[:self.room]
        if head:
            self.kept.append(head)
        self.room -= len(head)
        self.omitted += len(text) - len(head)
        return len(text)
    def flush(self):
        pass

def told(value):
    return value if isinstance(value, str) else repr(value)

def clipped(text, most):
    return text if text is None or len(text) <= most else f'{text[:most]}[{len(text) - most} more characters]'

def words_of(problem):
    try:
        return problem.msg if isinstance(problem, SyntaxError) else str(problem)
    except BaseException:
        return ''

space = {}

def reset():
    space.clear()
    space['__name__'] = '__main__'
    random.seed(0)
    time.sleep = lambda seconds: None

def run(code, most):
    answer = []
    def final_answer(value):
        answer.append(clipped(str(value), most))
        raise Answered()
    space['final_answer'] = final_answer
    output, value, error = Output(most), None, None
    stdout, stderr = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = output
    try:
        tree = ast.parse(code, 'block.py')
        last = ast.Expression(tree.body.pop().value) if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, 'block.py', 'exec'), space)
        if last is not None:
            result = eval(compile(last, 'block.py', 'eval'), space)
            value = None if result is None else clipped(told(result), most)
    except Answered:
        pass
    except BaseException as problem:
        lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == 'block.py']
        line = getattr(problem, 'lineno', None) or (lines[-1] if lines else None)
        words = words_of(problem)
        error = type(problem).__name__ + (': ' + words if words else '') + (f' (line {line})' if line else '')
    finally:
        sys.stdout, sys.stderr = stdout, stderr
    return json.dumps({'printed': ''.join(output.kept), 'omitted': output.omitted, 'value': None if answer else value, 'answer': answer[0] if answer else None, 'error': None if answer else clipped(error, most)})

reset()
(reset, run)
`
