namespace Gateway.Scripting;

/// <summary>A file that a script loads, as it was found when the script was read.</summary>
internal sealed record LoadedFile
{
    private LoadedFile(string? text, string code, string reason) => (Text, Code, Reason) = (text, code, reason);

    /// <summary>Its text; null when it can't be had.</summary>
    public string? Text { get; }

    /// <summary>The problem's code when it can't be had, otherwise empty.</summary>
    public string Code { get; }

    /// <summary>Why it can't be had. That is a problem only when the compiler asks for it.</summary>
    public string Reason { get; }

    /// <summary>It was read.</summary>
    public static LoadedFile Of(string text) => new(text, "", "");

    /// <summary>It can't be had.</summary>
    public static LoadedFile Refused(string code, string reason) => new(null, code, reason);
}
