"""What the imitation of a model says."""

PLAIN = """A bucket brigade wins because **nobody walks**. Every person moves a bucket by one arm's length, and the \
line is always full:

- a runner carries one bucket and returns with none, so half of the way is wasted;
- in a line each pair of hands is busy the whole time;
- the rate is set by the *slowest* hand, not by the length of the line.

> The line's length sets how long the first bucket takes. Its slowest hand sets how many follow."""

CODE = """Three pointers are enough: the node before, the one at hand, and the one after.

```swift
/// Reverses a singly linked list in place and returns its new head.
func reversed<T>(_ head: Node<T>?) -> Node<T>? {
    var previous: Node<T>? = nil
    var current = head
    while let node = current {
        current = node.next   // keep the rest before cutting it off
        node.next = previous
        previous = node
    }
    return previous
}

let aVeryLongLineThatHasToScrollInsideItsBlock = ["it never", "makes the page itself", \
"wider than the window", "however long it grows"].joined(separator: ", ")
```

It takes $O(n)$ steps and `O(1)` memory."""

MATHS = r"""Start from $ax^2 + bx + c = 0$ with $a \ne 0$ and divide by $a$:

$$x^2 + \frac{b}{a}x = -\frac{c}{a}$$

Complete the square and take roots:

\[
\begin{aligned}
\left(x + \frac{b}{2a}\right)^2 &= \frac{b^2 - 4ac}{4a^2} \\
x &= \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}
\end{aligned}
\]

The two roots add up to $\sum_{i=1}^{2} x_i = -\frac{b}{a}$. As a matrix, """ \
    r"""$\begin{pmatrix} 0 & 1 \\ -c/a & -b/a \end{pmatrix}$ has them as eigenvalues.

**Answer:** $\boxed{x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}}$"""

TABLE = """| Node | Layers | Memory |
|:-----|:------:|-------:|
| attic | 0–22 | 7.1 GiB |
| kitchen | 23–43 | 6.5 GiB |
| workshop | 44–63 and head | 6.7 GiB |

1. The first holds
   - the most layers
   - no head
2. The last holds the head.

- [x] cut
- [ ] measured"""

HOSTILE = r"""<img src=x onerror="window.pwned=1;alert(1)"> <script>window.pwned=1;alert(2)</script>

[click](javascript:alert(3)) [data](data:text/html,<script>alert(4)</script>) <javascript:alert(5)> """ \
    r"""![p](x" onerror="alert(6))

<svg onload=alert(7)><style>*{display:none}</style> <iframe src="https://example.org"></iframe> """ \
    r"""<a href="javascript:alert(8)">x</a>

```html" onmouseover="alert(9)
</code></pre><script>window.pwned=1;alert(10)</script>
```

$\text{<img src=x onerror=alert(11)>}$ $\href{javascript:alert(12)}{x}$ """ \
    r"""$$\style{color:red}{<script>alert(13)</script>}$$

| <b>a</b> | <script>alert(14)</script> |
|---|---|
| <img src=x onerror=alert(15)> | &lt;script&gt;alert(16)&lt;/script&gt; |

&#60;script&#62;alert(17)&#60;/script&#62; ![remote](https://example.org/pixel.png)

The end of the injection."""

THINKING = """The user asks a question. Let me think about what matters here.

First, count what every part does. A line of $n$ hands moves one bucket per step once it is full, so the time \
for $m$ buckets is $n + m - 1$ steps, not $n \\cdot m$.

Wait, is that right when one of them is slower? Then the slowest decides. Yes. I can answer now."""


def thinking_for(prompt):
    return THINKING if "think" in prompt.lower() or "how many primes" in prompt.lower() else ""


def answer_to(prompt):
    lower = prompt.lower()
    if "echo:" in lower:
        return prompt[lower.index("echo:") + 5:].strip()
    if "inject" in lower:
        return HOSTILE
    if "long" in lower:
        return "\n\n".join(f"## Part {i}\n\n{PLAIN}" for i in range(1, 13)) + "\n\n" + CODE
    for word, answer in (("code", CODE), ("function", CODE), ("maths", MATHS), ("quadratic", MATHS), ("table", TABLE)):
        if word in lower:
            return answer
    return PLAIN
