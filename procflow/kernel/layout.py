"""The layout of the kernel's memory: where each table lies and what each column means. Constants only.

A run lives in one arena of 64-bit words, so that a handler takes one or two arguments: ``S``, the words as int64, and
``A``, the same memory as float64, for attributes, priorities, arguments of distributions, probabilities, byte code.
It begins with two headers, of the state (``S_…``) and of the model (``M_…``), whose words say where all else begins:
the model's tables, read only; the tables of the state; the buffers of finished rows; and four parts that can grow.

Times are ticks (microseconds since the scenario's start); -1 stands for "not reached" and for "none".
"""

DAY = 86_400_000_000
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
) = range(STATE_HEADER, STATE_HEADER + 24)

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
) = range(30)
NODE_WIDTH = 30

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
) = range(16)
EDGE_WIDTH = 16

# --- model: distributions, calendars, roles, groups, batches, streams ---------------------------------------------
D_KIND, D_CALENDAR, D_AT, D_N = range(4)
DISTRIBUTION_WIDTH = 4
C_N, C_ON, C_OFF, C_BEFORE, C_INDEX, C_DAYS = range(6)
CALENDAR_WIDTH = 6
O_GROUPS, O_N = range(2)
ROLE_WIDTH = 2
G_COUNT, G_CALENDAR, G_SPEED, G_ROLES, G_ROLES_N = range(5)
GROUP_WIDTH = 5
CH_TIME, CH_GROUP, CH_PERSON, CH_AWAY = range(4)
CHANGE_WIDTH = 4
B_N, B_TIMES, B_CUTOFFS, B_SEATS, B_NODE, B_STREAM = range(6)
BATCH_WIDTH = 6
CD_N, CD_TIMES = range(2)
CADENCE_WIDTH = 2
STREAM_GAPS, STREAM_TIMES = range(2)
(A_KIND, A_NODE, A_PROCESS, A_KEY, A_GAP, A_SIZE, A_TIMES, A_TIMES_N, A_ATTRIBUTE, A_ATTRIBUTES) = range(10)
(A_REGION, A_REGION_N, A_SHARE, A_REGION_KEY) = range(10, 14)
(A_PROFILE, A_GIVEN, A_GIVEN_REGION) = range(14, 17)
STREAM_WIDTH = 17
P_N, P_ON, P_OFF, P_BEFORE, P_WEIGHT, P_TOTAL = range(6)
AT_CATEGORY, AT_BOOLEAN, AT_NUMBER, AT_INTEGER = range(4)
AT_KIND, AT_SLOT, AT_KEY, AT_DISTRIBUTION, AT_F, AT_N, AT_CODES = range(7)
ATTRIBUTE_WIDTH = 7

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
) = range(48)

# --- state: the event heap; rows of four words --------------------------------------------------------------------
H_TIME, H_KEY, H_AUX, H_REF = range(4)
HEAP_WIDTH = 4
PHASE_SHIFT = 60
PROCESS_SHIFT = 48
COMPLETION, CANCELLATION, ENTER_PHASE, JOIN_PHASE, SITTING_PHASE, DISPATCH_PHASE = range(1, 7)
(
    V_START,
    V_DONE,
    V_EXIT,
    V_ARRIVE,
    V_LEAVE,
    V_TIMEOUT,
    V_ENTER,
    V_ARRIVAL,
    V_JOIN,
    V_SITTING,
    V_WAKE,
    V_STAFF,
) = range(12)
RANK_SHIFT, TIMER_SHIFT = 24, 4

# --- state: tokens, a case in a place; parallel regions have one each ----------------------------------------------
(FREE, BETWEEN, TRAVELING, WAITING, QUEUED, WORKING, DELAYED, SPLIT, FINISHED, HELD) = range(10)
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
) = range(25)
T_SEGMENTS = 25
SEGMENTS = 9
(BATCH, BATCH_FULL, OFF_DUTY, CONTENTION, WORKED, PAUSED, DELAYED_FOR, TRANSFERRED, SYNCHRONIZED) = range(9)
T_SUMS = T_SEGMENTS + SEGMENTS
T_PEOPLE = T_SUMS + SEGMENTS
TOKEN_WIDTH = T_PEOPLE  # and as many words as people work together at most

# --- state: queue nodes (pairing heaps and lists) -----------------------------------------------------------------
Q_PRIORITY, Q_TIME, Q_KEY, Q_RANK, Q_TOKEN, Q_GENERATION, Q_CHILD, Q_SIBLING = range(8)
QUEUE_WIDTH = 8

# --- state: cases -------------------------------------------------------------------------------------------------
(X_NEXT, X_ALIVE, X_TIE, X_ORDINAL, X_STREAM, X_REGION, X_ARRIVAL, X_KEY, X_COHORT) = range(9)
X_VALUES = 9  # attributes (float), then visit counts

# --- state: roles, groups, batches, streams -----------------------------------------------------------------------
RS_HEAD, RS_WAKE, RS_DIRTY = range(3)
ROLE_STATE = 3
GS_IDLE, GS_LOWEST, GS_BUSY, GS_FLAGS = range(4)
GROUP_STATE = 4
TAKEN, AWAY = 1, 2  # the flags of a person
BS_MAIN, BS_FIRST, BS_LAST, BS_NEXT, BS_SCHEDULED, BS_CALLED, BS_BEGUN = range(7)
BATCH_STATE = 7
ST_ORDINAL, ST_TIME, ST_SUM = range(3)
STREAM_STATE = 3

# --- rows ---------------------------------------------------------------------------------------------------------
COMPLETED, TIMED_OUT, CANCELLED, CUT = range(4)
(
    R_CASE,
    R_STREAM,
    R_NODE,
    R_VISIT,
    R_ENTER,
    R_READY,
    R_START,
    R_DONE,
    R_EXIT,
    R_ARRIVE,
    R_EDGE,
    R_END,
    R_REGION,
) = range(13)
R_SEGMENTS = 13
R_PEOPLE = R_SEGMENTS + SEGMENTS
(Z_CASE, Z_STREAM, Z_REGION, Z_ARRIVAL, Z_END, Z_OUTCOME, Z_COHORT) = range(7)
Z_SEGMENTS = 7
Z_VALUES = Z_SEGMENTS + SEGMENTS

# --- what advance returns -----------------------------------------------------------------------------------------
ENDED, FULL, SPENT, GROW_HEAP, GROW_TOKENS, GROW_QUEUE, GROW_CASES, STUCK, LOOPING = range(9)
