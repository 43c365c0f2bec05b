namespace Gateway.Api;

/// <summary>What is told live.</summary>
[Flags]
internal enum EventKinds
{
    None = 0,

    /// <summary>A device's message and its answer.</summary>
    Exchange = 1,

    /// <summary>The readings of a frame, as they went into the journal.</summary>
    Reading = 2,

    /// <summary>A step of a command.</summary>
    Command = 4,

    /// <summary>Another version of a script is live, or something is wrong with its file.</summary>
    Script = 8,

    All = Exchange | Reading | Command | Script,
}

internal static class EventKindNames
{
    public const string Known = "exchange, reading, command, script";

    private static readonly string[] Names = Known.Split(", ");

    public static bool TryParse(string text, out EventKinds kinds)
    {
        kinds = EventKinds.None;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var index = Array.IndexOf(Names, name);
            if (index < 0)
            {
                return false;
            }

            kinds |= (EventKinds)(1 << index);
        }

        return true;
    }

    /// <summary>The name of a single one.</summary>
    public static string NameOf(EventKinds kind) => Names[int.Log2((int)kind)];
}
