using System.Collections.ObjectModel;

namespace Gateway.Cli;

/// <summary>A command that asks one endpoint of the management API: what people type, what is sent, and what is shown of the answer.</summary>
/// <param name="Name">The command's name.</param>
/// <param name="Method">The endpoint's method.</param>
/// <param name="Path">The endpoint's path below <c>/api/v1</c>; each <c>{name}</c> in it is an argument of the command.</param>
/// <param name="Description">What it does.</param>
internal sealed record Call(string Name, HttpMethod Method, string Path, string Description)
{
    /// <summary>The options, for the query and for the body.</summary>
    public IReadOnlyList<Field> Fields { get; init; } = [];

    /// <summary>The columns of a table, where the answer is a list or a page of one.</summary>
    public IReadOnlyList<Column> Columns { get; init; } = [];

    /// <summary>Which member of the answer is the list; null when the answer is it, or is a page.</summary>
    public string? List { get; init; }

    /// <summary>The parameter by which the next page is asked for; null when there are no pages.</summary>
    public string? Cursor { get; init; }

    /// <summary>Whether the endpoint is told how many are wanted although it has no pages.</summary>
    public bool HasLimit { get; init; }

    /// <summary>What the body is.</summary>
    public BodyKind Body { get; init; }

    /// <summary>The body's Content-Type.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>The body's Content-Type where its file's name ends like this.</summary>
    public IReadOnlyDictionary<string, string> ContentTypes { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>What is said when the answer has nothing to show.</summary>
    public string Done { get; init; } = "done";

    /// <summary>Asks with GET, and shows a table.</summary>
    public static Call Listing(string path, string description, IReadOnlyList<Column> columns, params Field[] fields) =>
        new("list", HttpMethod.Get, path, description) { Columns = columns, Fields = fields };

    /// <summary>Asks with GET, and shows what is there.</summary>
    public static Call Showing(string path, string description, params Field[] fields) => new("show", HttpMethod.Get, path, description) { Fields = fields };

    /// <summary>Does something with POST.</summary>
    public static Call Doing(string name, string path, string description, params Field[] fields) => new(name, HttpMethod.Post, path, description) { Fields = fields };
}

/// <summary>What the body of a call is.</summary>
internal enum BodyKind
{
    /// <summary>The fields that belong there, and <c>--data</c> beneath them; none when neither is given.</summary>
    Fields,

    /// <summary>A file, or standard input, as it is: an argument behind those of the path.</summary>
    File,
}

/// <summary>An option of a call.</summary>
/// <param name="Name">The member of the body or the parameter of the query; the option is the same with hyphens.</param>
/// <param name="Kind">What it takes, and where it goes.</param>
/// <param name="Description">What it means.</param>
internal sealed record Field(string Name, FieldKind Kind, string Description)
{
    /// <summary>The option, such as <c>--not-before</c>.</summary>
    public string Option { get; init; } = "--" + Name.Replace('_', '-');

    /// <summary>Whether it must be given.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What is sent when it is not given; null sends nothing.</summary>
    public string? Default { get; init; }

    public static Field Query(string name, string description) => new(name, FieldKind.Query, description);

    public static Field Text(string name, string description) => new(name, FieldKind.Text, description);

    public static Field Number(string name, string description) => new(name, FieldKind.Number, description);

    public static Field Flag(string name, string description) => new(name, FieldKind.Flag, description);

    public static Field Json(string name, string description) => new(name, FieldKind.Json, description);

    public static Field FileText(string name, string description) => new(name, FieldKind.FileText, description);

    public static Field Argument(string name, string description) => new(name, FieldKind.Argument, description);

    public static Field Fixed(string name, string value) => new(name, FieldKind.Fixed, "") { Default = value };

    public static Field Texts(string name, string description) => new(name, FieldKind.Texts, description);
}

/// <summary>What an option takes, and where that goes.</summary>
internal enum FieldKind
{
    /// <summary>A text, into the query.</summary>
    Query,

    /// <summary>A text, into the body.</summary>
    Text,

    /// <summary>A number, into the body.</summary>
    Number,

    /// <summary>Nothing: true into the body when it is there.</summary>
    Flag,

    /// <summary>JSON, into the body.</summary>
    Json,

    /// <summary>A text each time that it is given: a list into the body.</summary>
    Texts,

    /// <summary>A file, whose text goes into the body.</summary>
    FileText,

    /// <summary>A text, into the body; an argument and no option.</summary>
    Argument,

    /// <summary>A text, into a header.</summary>
    Header,

    /// <summary>Nothing that people say: always the same, into the query.</summary>
    Fixed,
}
