namespace Gateway.Commands;

/// <summary>What an exchange did for the commands of its device, and if it carried none, why.</summary>
internal enum CommandVerdict : byte
{
    /// <summary>None was there to be sent or confirmed.</summary>
    NoneWaiting,

    /// <summary>The answer carries one or more.</summary>
    Carried,

    /// <summary>The message was a NON: nobody waits for its answer.</summary>
    NotConfirmable,

    /// <summary>The device does not want to have an answer (RFC 7967).</summary>
    AnswerNotWanted,

    /// <summary>The answer is an error, which is no place for a command.</summary>
    Refused,

    /// <summary>None of those that wait is due yet (<c>not_before</c>).</summary>
    NotDue,

    /// <summary>What was sent has no evidence yet, and those that wait stand behind it.</summary>
    AwaitingEvidence,

    /// <summary>Those that were tried have ended instead: they could not be encoded, did not fit, or had expired.</summary>
    NoneFit,

    /// <summary>The run that they belong to is paused, halted or called off.</summary>
    RunHeld,

    /// <summary>The next one needs more room than may go to an address that has not shown that it receives; it waits for more to come from there.</summary>
    AwaitingRoom,

    /// <summary>The next one goes in a request of the gateway, not in an answer.</summary>
    AwaitingRequest,

    /// <summary>The device waits for approval.</summary>
    DeviceHeld,

    /// <summary>No script can speak for the device.</summary>
    NoScript,

    /// <summary>What became of them could not be made durable in time, or the commands failed within the gateway; its log says why.</summary>
    Unavailable,
}
