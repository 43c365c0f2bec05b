namespace Gateway.Journal;

/// <summary>What became of a frame. The numbers are on disk: never change or reuse one.</summary>
internal enum FrameOutcome : byte
{
    /// <summary>There is no frame: the record tells of something else.</summary>
    None = 0,

    /// <summary>The script read it; its readings, which may be none, are in the record.</summary>
    Parsed = 1,

    /// <summary>Nobody has approved its device yet; it is kept for when someone does.</summary>
    Held = 2,

    /// <summary>The script says that the bytes are not what the device should have sent.</summary>
    InvalidPayload = 3,

    /// <summary>The script failed on it; it can be parsed again when the script is mended.</summary>
    ScriptFailed = 4,

    /// <summary>There was no script that could be run: missing, not compiling, or switched off after too many failures.</summary>
    ScriptUnavailable = 5,
}
