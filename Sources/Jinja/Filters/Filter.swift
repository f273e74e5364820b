/// Jinja's filters, `tojson` as Hugging Face has it, and none of anybody's own.
enum Filter: String, Sendable {
    case abs, attr, batch, capitalize, center, count, d
    case defaultValue = "default"
    case dictsort, e, escape, filesizeformat, first, float, forceescape, format, groupby, indent, int, items, join, last
    case length, list, lower, map, max, min, pprint, random, reject, rejectattr, replace, reverse, round, safe, select
    case selectattr, slice, sort, string, striptags, sum, title, tojson, trim, truncate, unique, upper, urlencode
    case urlize, wordcount, wordwrap, xmlattr

    /// The names of its parameters behind the value it filters; nil if it takes what it is given.
    var parameters: [StaticString]? {
        switch self {
        case .abs, .capitalize, .count, .e, .escape, .first, .forceescape, .items, .last, .length, .list, .lower,
            .pprint,
            .random, .reverse, .safe, .string, .striptags, .title, .upper, .urlencode, .wordcount:
            []
        case .attr: ["name"]
        case .batch: ["linecount", "fill_with"]
        case .center: ["width"]
        case .d, .defaultValue: ["default_value", "boolean"]
        case .dictsort: ["case_sensitive", "by", "reverse"]
        case .filesizeformat: ["binary"]
        case .float: ["default"]
        case .groupby: ["attribute", "default", "case_sensitive"]
        case .indent: ["width", "first", "blank"]
        case .int: ["default", "base"]
        case .join: ["d", "attribute"]
        case .max, .min, .unique: ["case_sensitive", "attribute"]
        case .replace: ["old", "new", "count"]
        case .round: ["precision", "method"]
        case .slice: ["slices", "fill_with"]
        case .sort: ["reverse", "case_sensitive", "attribute"]
        case .sum: ["attribute", "start"]
        case .tojson: ["ensure_ascii", "indent", "separators", "sort_keys"]
        case .trim: ["chars"]
        case .truncate: ["length", "killwords", "end", "leeway"]
        case .urlize: ["trim_url_limit", "nofollow", "target", "rel", "extra_schemes"]
        case .wordwrap: ["width", "break_long_words", "wrapstring", "break_on_hyphens"]
        case .xmlattr: ["autospace"]
        case .format, .map, .reject, .rejectattr, .select, .selectattr: nil
        }
    }

    /// How many of the parameters must be given.
    var required: Int {
        switch self {
        case .attr, .batch, .groupby, .slice: 1
        case .replace: 2
        default: 0
        }
    }
}
