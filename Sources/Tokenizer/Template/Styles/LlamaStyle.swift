/// Llama 3's: each turn is its role between header markers, an empty line, the content without white space around it, and
/// `<|eot_id|>`. Results of tools have the role `ipython`. Source: Meta's description of the format.
enum LlamaStyle {
    static let source = #"""
        {{- bos_token }}
        {%- for message in messages %}
            {{- '<|start_header_id|>' ~ ('ipython' if message.role == 'tool' else message.role) }}
            {{- '<|end_header_id|>\n\n' }}
            {{- (message.content or '') | trim }}
            {%- for call in message.tool_calls or [] %}
                {{- '; ' if not loop.first }}{{ '{"name": "' }}{{ call.function.name }}{{ '", "parameters": ' }}
                {{- call.function.arguments | tojson }}{{ '}' }}
            {%- endfor %}
            {{- '<|eot_id|>' }}
        {%- endfor %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' if add_generation_prompt }}
        """#
}
