using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Gateway.Devices;

/// <summary>One of the <c>profiles</c> of gateway.json: what devices of one kind have in common.</summary>
internal sealed record ProfileSettings
{
    [Description("The script that understands these devices: a file in the scripts folder, such as \"efento.csx\".")]
    [Required]
    public string Script { get; init; } = "";

    [Description("The script's own settings; a device's own override them one by one.")]
    public IReadOnlyDictionary<string, JsonElement> Settings { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    [Description("Labels that every reading gets.")]
    public IReadOnlyList<string> Labels { get; init; } = [];

    [Description("Metadata that every reading gets, where the script gives none of the same name.")]
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;

    [Description("What becomes of a device that is not known yet: \"provision\" takes it in, \"hold\" keeps its frames until an admin approves it, \"reject\" answers 4.03.")]
    public UnknownDevicePolicy UnknownDevices { get; init; } = UnknownDevicePolicy.Hold;

    [Description("What a frame must bring to be taken as its device's; all of it must hold. Empty takes whoever names a device for it: for a lab, or where the network alone decides.")]
    public IReadOnlyList<ProofSettings> Proof { get; init; } = [];

    [Description("Whether one device may speak for others over DTLS, as a gateway in between does. When it may not, a message that names another device than the one whose key it came under is answered 4.03.")]
    public bool DtlsForwarding { get; init; }

    [Description("Numbers of further CoAP options that these devices send. An odd one is critical: a message with one that nobody knows is answered 4.02 (Bad Option). The script sees all options.")]
    public IReadOnlyList<int> KnownOptions { get; init; } = [];

    [Description("What a device is told while it waits for approval: \"refuse\" answers 4.03, \"accept\" 2.xx, \"retry\" 5.03 with Max-Age. Its frames are kept anyhow, and can be read once it is approved.")]
    public KeptAnswer OnHeld { get; init; } = KeptAnswer.Refuse;

    [Description("What a device is told of a payload that its script calls malformed: \"refuse\" answers 4.00, \"accept\" 2.xx, for a device that would only send it again, \"retry\" 5.03 with Max-Age. It is kept anyhow.")]
    public KeptAnswer OnMalformed { get; init; } = KeptAnswer.Refuse;

    [Description("What a device is told when its script fails, or none can be run: \"accept\" answers 2.xx, for the frame is kept and can be read again, \"refuse\" 5.00, \"retry\" 5.03 with Max-Age.")]
    public KeptAnswer OnScriptFault { get; init; } = KeptAnswer.Accept;

    [Description("Whether a command may go out in the answer to a NON: for devices that send no CON, and listen all the same.")]
    public bool CommandsOnNon { get; init; }

    [Description("What counts as evidence that a device has a command: \"sent\" asks for none, \"next_message\" for the device's next message, \"script\" for what the script's confirm reads in its messages.")]
    public CommandConfirm Confirm { get; init; } = CommandConfirm.NextMessage;

    [Description("With \"confirm\": \"script\", after how many seconds without evidence a command is sent again with the device's next message.")]
    [Range(1, 31_536_000)]
    public double ConfirmTimeoutSeconds { get; init; } = 300;
}

/// <summary>What a device is told of a frame that is safe, and that nothing could be read in.</summary>
internal enum KeptAnswer
{
    /// <summary>A success: it may forget the frame.</summary>
    Accept,

    /// <summary>An error, by which it may know that something is wrong.</summary>
    Refuse,

    /// <summary>5.03 with Max-Age: it should come back. What it then sends is kept once more.</summary>
    Retry,
}

/// <summary>What becomes of a device that is not known yet.</summary>
internal enum UnknownDevicePolicy
{
    /// <summary>Its frames are kept in the journal, and it is listed for approval.</summary>
    Hold,

    /// <summary>It becomes a device of the profile with its first frame.</summary>
    Provision,

    /// <summary>It is answered 4.03 (Forbidden), and nothing is kept.</summary>
    Reject,
}
