namespace Gateway.Coap;

/// <summary>
/// An observer of a resource that says itself what its observers hear, and when (<see cref="CoapResource.TellsObservers"/>). What it is told
/// is never replaced by what comes after it, and its teller hears what became of it. May be called from any thread.
/// </summary>
internal sealed class Observer(Observers observers)
{
    // Set once, before anybody else knows of it.
    private Observation _observation = null!;

    /// <summary>Whether it still wants to hear of the resource.</summary>
    public bool IsListed => observers.IsListed(_observation);

    /// <summary>
    /// Called when it may be told something: with false once, when the answer to its request is on its way; with true whenever it has heard
    /// nothing for nearly as long as the last Max-Age lasts. Must not throw.
    /// </summary>
    public Action<bool>? Ready { get; set; }

    /// <summary>Called once, when it is no longer there. Under the lock of all observers: only to take note of it.</summary>
    public Action? Left { get; set; }

    /// <summary>
    /// Sends it a notification, as a CON. Only when it is ready, and when what it was told last has ended. False when it can't be told: it is
    /// no longer there.
    /// </summary>
    /// <param name="notification">A success, of the Content-Format of its first answer.</param>
    /// <param name="ended">Called once, when it is acknowledged, reset, given up or dropped; a reset or a time-out is the end of the observation. Must not throw.</param>
    public bool Tell(CoapResponse notification, Action<TransmissionEnd> ended) => observers.Tell(_observation, notification, ended);

    /// <summary>Takes it off the list, without a word to it: it finds out when Max-Age is over.</summary>
    public void Dismiss() => observers.Dismiss(_observation);

    /// <summary>Which entry of the list it is.</summary>
    public void Bind(Observation observation) => _observation = observation;
}
