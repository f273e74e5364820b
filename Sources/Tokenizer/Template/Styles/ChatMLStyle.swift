/// ChatML: each turn is `<|im_start|>role`, a line feed, the content, `<|im_end|>` and a line feed. Results of tools stand
/// in a user turn, each between `<tool_response>` lines, a row of them in one turn. What tells of tools is worded as the
/// models were trained with it; source: the templates published with Qwen2.5, QwQ and Qwen3.
enum ChatMLStyle {
    /// `style` is set before it: chatml, qwq or qwen3.
    static let source = #"""
        {%- set system = messages[0].content if messages and messages[0].role == 'system' else none %}
        {%- set last = namespace(question=messages | length) %}
        {%- if style == 'qwen3' %}
            {%- for message in messages %}
                {%- if message.role == 'user' %}{% set last.question = loop.index0 %}{% endif %}
            {%- endfor %}
        {%- endif %}
        {%- if tools %}
            {{- '<|im_start|>system\n' }}
            {{- system if system is not none }}
            {{- '\n\n' if style != 'qwen3' or system is not none }}
            {{- "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n" }}
            {{- "You are provided with function signatures within <tools></tools> XML tags:\n<tools>" }}
            {%- for tool in tools %}
                {{- '\n' }}{{ tool | tojson }}
            {%- endfor %}
            {{- "\n</tools>\n\nFor each function call, return a json object with function name and arguments " }}
            {{- "within <tool_call></tool_call> XML tags:\n<tool_call>\n" }}
            {{- '{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call><|im_end|>\n' }}
        {%- endif %}
        {%- for message in messages %}
            {%- if loop.first and tools and system is not none %}
            {%- elif message.role == 'tool' %}
                {{- '<|im_start|>user' if loop.first or loop.previtem.role != 'tool' }}
                {{- '\n<tool_response>\n' }}{{ message.content }}{{ '\n</tool_response>' }}
                {{- '<|im_end|>\n' if loop.last or loop.nextitem.role != 'tool' }}
            {%- else %}
                {%- set content = message.content or '' %}
                {%- if message.role == 'assistant' and style != 'chatml' %}
                    {%- if loop.index0 < last.question %}
                        {%- set content = content.split('</think>')[-1].lstrip('\n') %}
                    {%- elif message.reasoning_content %}
                        {%- set content = '<think>\n' ~ message.reasoning_content ~ '\n</think>\n\n' ~ content %}
                    {%- endif %}
                {%- endif %}
                {{- '<|im_start|>' ~ message.role }}
                {{- '\n' ~ content if content or not message.tool_calls or style == 'qwen3' }}
                {%- for call in message.tool_calls or [] %}
                    {{- '\n' if style != 'qwen3' or not loop.first or content }}
                    {{- '<tool_call>\n{"name": "' }}{{ call.function.name }}{{ '", "arguments": ' }}
                    {{- call.function.arguments | tojson }}{{ '}\n</tool_call>' }}
                {%- endfor %}
                {{- '<|im_end|>\n' }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\n' }}
            {%- if style != 'chatml' and enable_thinking is defined and not enable_thinking %}
                {{- '<think>\n\n</think>\n\n' }}
            {%- elif style == 'qwq' %}
                {{- '<think>\n' }}
            {%- endif %}
        {%- endif %}
        """#
}
