namespace Gateway.Devices;

/// <summary>What counts as evidence that a device has a command. CoAP knows no acknowledgement of an answer.</summary>
internal enum CommandConfirm
{
    /// <summary>Nothing more is asked: a command that was put into an answer is delivered.</summary>
    Sent,

    /// <summary>The device's next message: it speaks again, so it has probably had the answer.</summary>
    NextMessage,

    /// <summary>What the script's <c>confirm</c> reads in the device's messages. Without evidence the command is sent again.</summary>
    Script,
}
