/// DeepSeek's: the last system message stands first, without a marker; only the assistant's turns have an end. The
/// assistant goes on behind the results of its tools without a marker of its own. Source: the template published with
/// DeepSeek-R1.
enum DeepSeekStyle {
    static let source = #"""
        {%- set seen = namespace(system=none, role='') %}
        {%- for message in messages %}
            {%- if message.role == 'system' %}
                {%- set seen.system = message.content %}
            {%- else %}
                {%- set seen.role = message.role %}
            {%- endif %}
        {%- endfor %}
        {{- bos_token }}
        {{- seen.system if seen.system is not none }}
        {%- for message in messages if message.role != 'system' %}
            {%- set follows_tool = not loop.first and loop.previtem.role == 'tool' %}
            {%- if message.role == 'user' %}
                {{- '<｜User｜>' }}{{ message.content }}
            {%- elif message.role == 'assistant' %}
                {{- '<｜Assistant｜>' if not follows_tool }}
                {{- (message.content or '').split('</think>')[-1] }}
                {%- for call in message.tool_calls or [] %}
                    {{- '<｜tool▁calls▁begin｜>' if loop.first else '\n' }}
                    {{- '<｜tool▁call▁begin｜>function<｜tool▁sep｜>' }}{{ call.function.name }}
                    {{- '\n```json\n' }}{{ call.function.arguments | tojson }}{{ '\n```<｜tool▁call▁end｜>' }}
                    {{- '<｜tool▁calls▁end｜>' if loop.last }}
                {%- endfor %}
                {{- '<｜end▁of▁sentence｜>' }}
            {%- elif message.role == 'tool' %}
                {{- '\n' if follows_tool else '<｜tool▁outputs▁begin｜>' }}
                {{- '<｜tool▁output▁begin｜>' }}{{ message.content }}{{ '<｜tool▁output▁end｜>' }}
                {{- '<｜tool▁outputs▁end｜>' if loop.last or loop.nextitem.role != 'tool' }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt and seen.role != 'tool' %}
            {{- '<｜Assistant｜><think>\n' }}
            {{- '\n</think>\n\n' if enable_thinking is defined and not enable_thinking }}
        {%- endif %}
        """#
}
