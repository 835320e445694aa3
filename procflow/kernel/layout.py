"""The layout of the kernel's memory: where each table lies and what each column means. Constants only.

A run lives in one arena of 64-bit words, so that a handler takes one or two arguments: ``S``, the words as int64, and
``A``, the same memory as float64, for attributes, priorities, arguments of distributions, probabilities, byte code.
It begins with two headers, of the state (``S_…``) and of the model (``M_…``), whose words say where all else begins:
the model's tables, read only; the tables of the state; the buffers of finished rows; and four parts that can grow.

Times are ticks (microseconds since the scenario's start); -1 stands for "not reached" and for "none".
"""

DAY = 86_400_000_000
SPAN_SHIFT = 36
"""Calendars are indexed by spans of 2³⁶ ticks, some 19 hours: a shift finds the span, a day would take a division."""

NEVER = 1 << 62
NONE = -1

# --- model: header ------------------------------------------------------------------------------------------------
STATE_HEADER, MODEL_HEADER = 56, 32
(
    M_NODES,
    M_EDGES,
    M_DISTRIBUTIONS,
    M_CALENDARS,
    M_ROLES,
    M_GROUPS,
    M_BATCHES,
    M_STREAMS,
    M_CADENCES,
    M_ATTRIBUTES,
    M_ROLE_COUNT,
    M_GROUP_COUNT,
    M_BATCH_COUNT,
    M_STREAM_COUNT,
    M_CAP,
    M_WARMUP,
    M_HORIZON,
    M_HEADROOM,
    M_PEOPLE,
    M_VALUES,
    M_CHANGES,
    M_CHANGE_COUNT,
    M_COHORT_FIRST,
    M_COHORT_END,
    M_CALLS,
    M_CASE_ROWS,
    M_TIMERS,
    M_SEGMENTS,
) = range(STATE_HEADER, STATE_HEADER + 28)

# --- model: nodes (states) ----------------------------------------------------------------------------------------
LEAF, COMPOSITE, END, REGION_END = range(4)
(
    N_KIND,
    N_LOCAL,
    N_RANK,
    N_KEY,
    N_ROLE,
    N_PER_REGION,
    N_STAFF,
    N_FREE,
    N_CALENDAR,
    N_AVAILABLE,
    N_AVAILABLE_STEP,
    N_OVERTIME,
    N_SPEED,
    N_WORK,
    N_WORKS,
    N_CLOCKS,
    N_CLOCKS_N,
    N_DELAY,
    N_DELAYS,
    N_BATCH,
    N_PRIORITY,
    N_PRIORITIES,
    N_EDGE,
    N_EDGES,
    N_TIMER,
    N_TIMERS,
    N_NEEDED,
    N_INITIAL,
    N_INITIALS,
    N_OUTCOME,
    N_TRIGGER,
    N_CALL,
    N_JOINT,
    N_MARKS,
    N_SPECIAL,
    N_SOLE,
    N_CHANCES,
) = range(37)
NODE_WIDTH = 37

# --- model: edges (ways out) --------------------------------------------------------------------------------------
GUARDED, CHANCE, BARE = range(3)
(
    E_KIND,
    E_DEST,
    E_GUARD,
    E_GUARDS,
    E_CHANCE,
    E_CHANCES,
    E_TRIGGER,
    E_SAME,
    E_RANK,
    E_SET,
    E_SETS,
    E_TRANSFER,
    E_CADENCE,
    E_LEAVES,
    E_AFTER,
    E_CLOCK,
    E_MARKS,
    E_PAUSED,
    E_SPECIAL,
    E_ROW,
) = range(20)
EDGE_WIDTH = 20
ROW_AT_ARRIVAL, ROW_AT_ENTRY, ROW_AT_JOIN = range(3)
"""When the row of a visit is written (``E_ROW``): the wait for a join belongs on the last row before it."""

# --- model: distributions, calendars, roles, groups, batches, streams ---------------------------------------------
D_KIND, D_CALENDAR, D_AT, D_N = range(4)
DISTRIBUTION_WIDTH = 4
C_N, C_ON, C_OFF, C_BEFORE, C_INDEX, C_SPANS = range(6)
CALENDAR_WIDTH = 6
O_GROUPS, O_N = range(2)
ROLE_WIDTH = 2
G_COUNT, G_CALENDAR, G_SPEED, G_ROLES, G_ROLES_N = range(5)
GROUP_WIDTH = 5
CH_TIME, CH_GROUP, CH_PERSON, CH_AWAY = range(4)
CHANGE_WIDTH = 4
B_N, B_TIMES, B_CUTOFFS, B_SEATS, B_NODE, B_STREAM, B_KEY = range(7)
BATCH_WIDTH = 7
CD_N, CD_TIMES = range(2)
CADENCE_WIDTH = 2
STREAM_GAPS, STREAM_TIMES, STREAM_CALLED = range(3)
(A_KIND, A_NODE, A_PROCESS, A_KEY, A_GAP, A_SIZE, A_TIMES, A_TIMES_N, A_ATTRIBUTE, A_ATTRIBUTES) = range(10)
(A_REGION, A_REGION_N, A_SHARE, A_REGION_KEY) = range(10, 14)
(A_PROFILE, A_GIVEN, A_GIVEN_REGION) = range(14, 17)
STREAM_WIDTH = 17
P_N, P_ON, P_OFF, P_BEFORE, P_WEIGHT, P_TOTAL = range(6)
AT_CATEGORY, AT_BOOLEAN, AT_NUMBER, AT_INTEGER = range(4)
AT_KIND, AT_SLOT, AT_KEY, AT_DISTRIBUTION, AT_F, AT_N, AT_CODES = range(7)
ATTRIBUTE_WIDTH = 7

(K_STREAM, K_INSTANCES, K_INSTANCES_N, K_NEEDED, K_GIVES, K_GIVES_N, K_TAKES, K_TAKES_N) = range(8)
CALL_WIDTH = 8
MARK_INSIDE, MARK_ENTER, MARK_DONE, MARK_EXIT = range(4)

# --- state: header ------------------------------------------------------------------------------------------------
(
    S_NOW,
    S_HEAP,
    S_HEAP_N,
    S_HEAP_CAP,
    S_TOKENS,
    S_TOKEN_FREE,
    S_TOKEN_LEFT,
    S_TOKEN_CAP,
    S_QUEUE,
    S_QUEUE_FREE,
    S_QUEUE_LEFT,
    S_QUEUE_CAP,
    S_CASES,
    S_CASE_FREE,
    S_CASE_LEFT,
    S_CASE_CAP,
    S_ROLE,
    S_GROUP,
    S_BATCH,
    S_STREAM,
    S_DIRTY,
    S_DIRTY_N,
    S_STACK,
    S_ROWS,
    S_CASE_ROWS,
    S_COHORT_OPEN,
    S_INSTANT_EVENTS,
    S_NEXT,
    S_NEXT_KEY,
    S_NEXT_AUX,
    S_NEXT_REF,
    S_STOPPED,
    S_FLUSHED,
    S_FAULT_NODE,
    S_FAULT_CASE,
    S_TOKEN_WIDTH,
    S_CASE_WIDTH,
    S_SCRATCH,
    S_KEY,
    S_PASSED_TIME,
    S_PASSED_KEY,
    S_PASSED_AUX,
    S_ROW_BUFFER,
    S_ROW_CAP,
    S_ROW_WIDTH,
    S_CASE_BUFFER,
    S_CASE_ROW_CAP,
    S_CASE_ROW_WIDTH,
    S_SPARE,
    S_FLOOD,
    S_DIRECT,
    S_DIRECT_ROLE,
    S_DIRECT_GROUP,
    S_LEAST,
    S_DUE,
) = range(55)

# --- state: the event heap; rows of four words --------------------------------------------------------------------
H_TIME, H_KEY, H_AUX, H_REF = range(4)
HEAP_WIDTH = 4
PHASE_SHIFT = 60
PROCESS_SHIFT = 48
CALLED_BIT = 1 << 47
COMPLETION, CANCELLATION, ENTER_PHASE, JOIN_PHASE, SITTING_PHASE, DISPATCH_PHASE = range(1, 7)
(
    V_DONE,  # these four take a token on its way: ``proceed``
    V_EXIT,
    V_ARRIVE,
    V_ENTER,
    V_ARRIVAL,
    V_START,
    V_LEAVE,
    V_TIMEOUT,
    V_JOIN,
    V_SITTING,  # these three are no token's
    V_WAKE,
    V_STAFF,
    V_CALL,
    V_RETURN,
    V_ADJOURN,
) = range(15)
RANK_SHIFT, TIMER_SHIFT = 24, 4

# --- state: tokens, a case in a place; parallel regions have one each ----------------------------------------------
(FREE, BETWEEN, ARRIVED, TRAVELING, WAITING, QUEUED, WORKING) = range(7)
(DELAYED, SPLIT, FINISHED, HELD, CALLING, JOINT) = range(7, 13)
(
    T_NEXT,
    T_GENERATION,
    T_STATUS,
    T_CASE,
    T_NODE,
    T_PARENT,
    T_CHILD,
    T_SIBLING,
    T_ELDER,
    T_VISIT,
    T_ENTER,
    T_READY,
    T_START,
    T_DONE,
    T_EXIT,
    T_ARRIVE,
    T_SITTING,
    T_EDGE,
    T_PEOPLE_N,
    T_FINISHED,
    T_FIRED,
    T_LEAVING,
    T_BARE,
    T_END,
    T_HELD,
    T_BEGUN,
    T_INSTANCES,
    T_JOINT,
    T_BESIDE,
    T_AHEAD,
) = range(30)
T_SEGMENTS = 30
SEGMENTS = 10
(BATCH, BATCH_FULL, OFF_DUTY, CONTENTION, WORKED, PAUSED, DELAYED_FOR, CALLED, TRANSFERRED, SYNCHRONIZED) = range(10)
T_SUMS = T_SEGMENTS + SEGMENTS
T_PEOPLE = T_SUMS + SEGMENTS
TOKEN_WIDTH = T_PEOPLE  # and as many words as people work together at most, and one for each timer that is suspended

# --- state: queue nodes (pairing heaps and lists) -----------------------------------------------------------------
Q_PRIORITY, Q_TIME, Q_KEY, Q_RANK, Q_TOKEN, Q_GENERATION, Q_CHILD, Q_SIBLING = range(8)
QUEUE_WIDTH = 8

# --- state: cases -------------------------------------------------------------------------------------------------
(X_NEXT, X_ALIVE, X_TIE, X_ORDINAL, X_STREAM, X_REGION, X_ARRIVAL, X_KEY, X_COHORT, X_PRIORITY) = range(10)
(X_PARENT, X_PARENT_NODE, X_PARENT_VISIT, X_INSTANCE, X_SUSPENDED, X_STRETCHES) = range(10, 16)
X_VALUES = 16  # attributes (float), then visit counts

# --- state: roles, groups, batches, streams -----------------------------------------------------------------------
RS_HEAP, RS_FIRST, RS_LAST, RS_WAKE, RS_DIRTY = range(5)  # its line is the heap and the list, merged
ROLE_STATE = 5
GS_IDLE, GS_LOWEST, GS_BUSY, GS_FLAGS = range(4)
GROUP_STATE = 4
TAKEN, AWAY = 1, 2  # the flags of a person
BS_MAIN, BS_FIRST, BS_LAST, BS_NEXT, BS_SCHEDULED, BS_CALLED, BS_BEGUN = range(7)
BATCH_STATE = 7
ST_ORDINAL, ST_TIME, ST_SUM, ST_CALLED = range(4)
STREAM_STATE = 4

# --- rows ---------------------------------------------------------------------------------------------------------
# A buffer holds rows by column, each with room for S_ROW_CAP visits or S_CASE_ROW_CAP cases. Of the instants a visit's
# row has ``enter`` and which others were reached: they follow from the segments between them. Segments that the model
# does not have (M_SEGMENTS, a bit each) are not written, nor are the callers of cases where nothing is called.
COMPLETED, TIMED_OUT, CANCELLED, CUT = range(4)
(R_CASE, R_NODE, R_VISIT, R_EDGE, R_REGION, R_END, R_REACHED, R_ENTER) = range(8)
R_SEGMENTS = 8
R_PEOPLE = R_SEGMENTS + SEGMENTS  # two columns each: group and person
REACHED_READY, REACHED_START, REACHED_DONE, REACHED_EXIT, REACHED_ARRIVE = 1, 2, 4, 8, 16
(Z_CASE, Z_STREAM, Z_REGION, Z_ARRIVAL, Z_END, Z_OUTCOME, Z_COHORT) = range(7)
(Z_PARENT, Z_PARENT_NODE, Z_PARENT_VISIT, Z_INSTANCE) = range(7, 11)
Z_SEGMENTS = 11
Z_VALUES = Z_SEGMENTS + SEGMENTS

STRETCH = 16
"""So many events are done between two looks whether there is room, where there is plenty."""

# --- what advance returns -----------------------------------------------------------------------------------------
ENDED, FULL, SPENT, GROW_HEAP, GROW_TOKENS, GROW_QUEUE, GROW_CASES, STUCK, LOOPING = range(9)
GROW_ROWS, GROW_CASE_ROWS, FLOOD, FULL_CASES = range(9, 13)
